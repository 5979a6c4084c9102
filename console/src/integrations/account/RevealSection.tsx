import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { client } from "@/api/client";
import type { RevealedCredentials } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { CopyButton } from "@/parts/CopyButton";
import { Section } from "@/parts/Section";
import { words } from "@/words/integrations";
import styles from "../Facts.module.css";
import type { Kind } from "../kinds";

const SHOWN_S = 30;
const { reveal } = words;

/** Shows the stored credentials for half a minute, after asking. They live in this component only, in no cache. */
export function RevealSection({ kind }: { kind: Kind }) {
  const [asks, setAsks] = useState(false);
  const [revealed, setRevealed] = useState<RevealedCredentials>();
  const load = async () => {
    const { data } = await client.GET("/api/v1/settings/integrations/{type}/credentials", {
      params: { path: { type: kind.type } },
    });
    setRevealed(data?.data);
  };
  return (
    <Section title={reveal.title}>
      {revealed ? (
        <Revealed revealed={revealed} onHide={() => setRevealed(undefined)} />
      ) : (
        <>
          <p className="muted">{reveal.about}</p>
          <div className="line">
            <Button size="xs" variant="default" onClick={() => setAsks(true)}>
              {reveal.action}
            </Button>
          </div>
        </>
      )}
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={reveal.confirmTitle}
        action={reveal.confirmAction}
        onConfirm={load}
      >
        <p>{reveal.confirm}</p>
      </ConfirmDialog>
    </Section>
  );
}

function Revealed({ revealed, onHide }: { revealed: RevealedCredentials; onHide: () => void }) {
  const [left, setLeft] = useState(SHOWN_S);
  useEffect(() => {
    const timer = window.setInterval(() => setLeft((seconds) => seconds - 1), 1000);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) onHide();
  }, [left, onHide]);
  return (
    <>
      <dl className={styles.facts}>
        {Object.entries(revealed.credentials).map(([name, value]) => (
          <div key={name}>
            <dt>{reveal.names[name] ?? name}</dt>
            <dd className="line">
              <code>{value}</code>
              <CopyButton text={value} what={reveal.names[name] ?? name} />
            </dd>
          </div>
        ))}
      </dl>
      <div className="line">
        <Button size="xs" variant="default" onClick={onHide}>
          {reveal.hideNow}
        </Button>
        <span className="muted number">{reveal.hides(left)}</span>
      </div>
      <p className="muted">
        {reveal.readings(revealed.readings_within_an_hour)}{" "}
        <Link to="/operations/audit-log">{reveal.auditLog}</Link>
      </p>
    </>
  );
}
