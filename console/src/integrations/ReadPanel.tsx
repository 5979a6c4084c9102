import type { Integration } from "@/api/schema";
import { Section } from "@/parts/Section";
import { words } from "@/words/integrations";
import styles from "./Facts.module.css";
import { type Kind, setting } from "./kinds";
import { StatusSection } from "./StatusSection";
import { HoursNowLine } from "./whatsapp/HoursNowLine";
import { TemplatesSection } from "./whatsapp/TemplatesSection";

const SHOWN: Record<Kind["tab"], (keyof typeof words.form.labels)[]> = {
  phone: ["virtual_number", "caller_id"],
  whatsapp: ["whatsapp_number", "business_name"],
  sms: ["sms_number", "dlt_entity_id"],
};

/** What somebody who may not configure an integration sees of it: never its credentials. */
export function ReadPanel({ kind, integration }: { kind: Kind; integration: Integration | undefined }) {
  return (
    <div className="stack">
      <StatusSection kind={kind} integration={integration} />
      {integration && (
        <Section title={words.shown.title}>
          <dl className={styles.facts}>
            {SHOWN[kind.tab].map((name) => (
              <div key={name}>
                <dt>{words.form.labels[name]}</dt>
                <dd>{setting(integration, name) || <span className="muted">{words.shown.none}</span>}</dd>
              </div>
            ))}
          </dl>
          <HoursNowLine now={integration.hours_now} />
        </Section>
      )}
      {kind.tab === "whatsapp" && <TemplatesSection isConnected={integration !== undefined} />}
    </div>
  );
}
