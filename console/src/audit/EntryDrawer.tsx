import { Drawer } from "@mantine/core";
import type { AuditEntry } from "@/api/schema";
import { CopyButton } from "@/parts/CopyButton";
import { StatusBadge } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { words } from "@/words/audit";
import styles from "./Audit.module.css";
import { Difference, differenceIn } from "./Difference";
import { actionOf, whoOf } from "./EntryTable";

const said = words.entry;

/** One whole entry: who, when, what, the difference that it made, and its seal. */
export default function EntryDrawer({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { changes, others } = differenceIn(entry.details);
  return (
    <Drawer opened onClose={onClose} title={said.title(String(entry.sequence))} size="lg">
      <div className="stack">
        <div className="line">
          <strong>{actionOf(entry)}</strong>
          <StatusBadge tone={entry.status === "success" ? "good" : "bad"}>
            {words.results[entry.status]}
          </StatusBadge>
        </div>
        <dl className={styles.facts}>
          <dt>{words.columns.who}</dt>
          <dd>{whoOf(entry)}</dd>
          <dt>{words.columns.when}</dt>
          <dd>
            <When at={entry.created_at} />
          </dd>
          <dt>{said.action}</dt>
          <dd>
            <code>{entry.action}</code>
          </dd>
        </dl>
        {changes.length > 0 && <Difference changes={changes} />}
        {others.length > 0 && <Others details={others} />}
        {changes.length === 0 && others.length === 0 && <p className="muted">{said.none}</p>}
        <p className="muted">{said.masked}</p>
        {entry.is_cut && <p className="muted">{said.cut}</p>}
        <dl className={styles.facts}>
          <dt>{said.hash}</dt>
          <dd>
            <code>{entry.hash}</code> <CopyButton text={entry.hash} what={said.hash} />
          </dd>
        </dl>
      </div>
    </Drawer>
  );
}

function Others({ details }: { details: [string, unknown][] }) {
  return (
    <section>
      <h3 className={styles.heading}>{said.details}</h3>
      <dl className={styles.facts}>
        {details.map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
