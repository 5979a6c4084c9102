import { Button } from "@mantine/core";
import { useState } from "react";
import { api, client } from "@/api/client";
import type { Integration, WebhookTrialResult } from "@/api/schema";
import { CopyButton } from "@/parts/CopyButton";
import { Loaded } from "@/parts/Loaded";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { useNow, When } from "@/parts/When";
import { useMay } from "@/session/useMe";
import { words } from "@/words/webhooks";
import styles from "./Webhooks.module.css";

const said = words.health;
const SILENT_HOURS = 6;
const KINDS = { exotel_whatsapp: "whatsapp", exotel_phone: "call_status" } as const;

type WithCallbacks = Integration & { integration_type: keyof typeof KINDS };

/** The callback URLs, when each was proven last, and a test event. */
export function CallbackHealth() {
  const found = api.useQuery("get", "/api/v1/settings/integrations", {});
  return (
    <Section title={said.title} about={said.about}>
      <Loaded query={found}>
        {({ data }) => {
          const rows = data.filter((row): row is WithCallbacks => row.integration_type in KINDS);
          if (rows.length === 0) return <p className="muted">{said.none}</p>;
          return rows.map((row) => <Health key={row.integration_type} integration={row} />);
        }}
      </Loaded>
    </Section>
  );
}

function Health({ integration }: { integration: WithCallbacks }) {
  const mayTest = useMay("webhooks:replay");
  const name = integration.display_name || words.kinds[KINDS[integration.integration_type]] || "";
  return (
    <div className={styles.health}>
      <div className="spread">
        <strong>{name}</strong>
        <span className="muted">
          {said.lastProven} <When at={integration.inbound_last_proven_at} />
        </span>
      </div>
      <Silence since={integration.inbound_last_proven_at} />
      {integration.callback_url ? (
        <div>
          <div className="muted">{said.url}</div>
          <div className={styles.url}>
            <code className="break">{integration.callback_url}</code>
            <CopyButton text={integration.callback_url} what={said.urlName(name)} />
          </div>
        </div>
      ) : (
        <p className="muted">{said.onlyAdmins}</p>
      )}
      {mayTest && <Trial kind={KINDS[integration.integration_type]} />}
    </div>
  );
}

function Silence({ since }: { since: string | null | undefined }) {
  const now = useNow(60_000);
  if (!since) return null;
  const hours = Math.floor((now.getTime() - new Date(since).getTime()) / 3_600_000);
  if (hours < SILENT_HOURS) return null;
  return (
    <Notice tone="warn" title={said.silent(hours)}>
      <p>{said.silentWhy}</p>
    </Notice>
  );
}

function Trial({ kind }: { kind: "whatsapp" | "call_status" }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<WebhookTrialResult>();
  const [problem, setProblem] = useState<unknown>();
  const send = async () => {
    setBusy(true);
    setResult(undefined);
    setProblem(undefined);
    const body = { kind };
    await client
      .POST("/api/v1/settings/webhook-events/test", { body })
      .then(({ data }) => setResult(data?.data), setProblem);
    setBusy(false);
  };
  return (
    <>
      <div>
        <Button size="xs" variant="default" loading={busy} onClick={send}>
          {said.test}
        </Button>
      </div>
      {problem ? <Problem error={problem} /> : null}
      {result?.arrived && (
        <Notice tone="good" title={said.arrived} live="status">
          <p className="break">{said.arrivedWhy(result.url)}</p>
        </Notice>
      )}
      {result && !result.arrived && (
        <Notice tone="bad" title={said.lost} live="alert">
          <p>{result.cause}</p>
          <p className="muted">{result.fix}</p>
        </Notice>
      )}
    </>
  );
}
