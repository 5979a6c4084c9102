import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Integration } from "@/api/schema";
import { Notice } from "@/parts/Notice";
import { Section } from "@/parts/Section";
import { StatusBadge } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { words } from "@/words/integrations";
import { badgeOf } from "./badge";
import { StoredTest } from "./connection/StoredTest";
import styles from "./Facts.module.css";
import { type Kind, nameOf } from "./kinds";

interface Props {
  kind: Kind;
  integration: Integration | undefined;
  /** Whether the stored credentials may be tested from here. */
  mayTest?: boolean;
}

/** How an integration is doing, in one strip. */
export function StatusSection({ kind, integration, mayTest = false }: Props) {
  const badge = badgeOf(integration);
  return (
    <Section
      title={integration ? nameOf(kind, integration) : words.kinds[kind.tab].name}
      actions={<StatusBadge tone={badge.tone}>{badge.text}</StatusBadge>}
    >
      {integration ? (
        <>
          <Facts kind={kind} integration={integration} />
          <Trouble integration={integration} />
          {mayTest && <StoredTest kind={kind} integration={integration} />}
        </>
      ) : (
        <p className="muted">
          {words.status.none[kind.tab]} {mayTest && words.status.where}
        </p>
      )}
    </Section>
  );
}

function Facts({ kind, integration }: { kind: Kind; integration: Integration }) {
  const { status } = words;
  const expires = integration.credentials_expire_on;
  return (
    <dl className={styles.facts}>
      <Fact name={status.lastVerified}>
        <When at={integration.last_verified_at} />
      </Fact>
      {kind.tab !== "sms" && (
        <Fact name={status.lastInbound[kind.tab]}>
          <When at={integration.inbound_last_proven_at} />
        </Fact>
      )}
      {kind.tab === "phone" && (
        <Fact name={status.numbers}>
          <Link to="/settings/phone-numbers">{status.numberCount(integration.phone_number_count)}</Link>
        </Fact>
      )}
      {integration.credentials_changed_at && (
        <Fact name={status.changed}>
          <When at={integration.credentials_changed_at} />
        </Fact>
      )}
      {expires && <Fact name={status.expires}>{dayOf(expires)}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Trouble({ integration }: { integration: Integration }) {
  if (integration.source === "environment") return <Notice tone="info" title={words.status.environment} />;
  if (!integration.is_active) return <Notice tone="info" title={words.status.offExplained} />;
  if (!integration.unverified_because) return null;
  const tone = integration.last_verified_at ? "bad" : "warn";
  return <Notice tone={tone} title={integration.unverified_because} />;
}

function dayOf(date: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date));
}
