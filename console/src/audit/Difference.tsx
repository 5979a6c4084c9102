import { words } from "@/words/audit";
import styles from "./Audit.module.css";

export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

const said = words.entry;

/** Return the fields that an entry's `before` and `after` differ in, and its other details. */
export function differenceIn(details: Record<string, unknown>): {
  changes: FieldChange[];
  others: [string, unknown][];
} {
  const { before, after, ...rest } = details;
  const [old, fresh] = [recordOf(before), recordOf(after)];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort();
  const changes = fields
    .map((field) => ({ field, before: old[field], after: fresh[field] }))
    .filter((change) => shown(change.before) !== shown(change.after));
  return { changes, others: Object.entries(rest) };
}

/** Which fields changed, from what to what. Secrets are masked since they were written. */
export function Difference({ changes }: { changes: FieldChange[] }) {
  // What was added has no "before", what was deleted has no "after".
  const hasBefore = changes.some((change) => shown(change.before));
  const hasAfter = changes.some((change) => shown(change.after));
  return (
    <table className={styles.difference}>
      <caption className={styles.heading}>{said.difference}</caption>
      <thead>
        <tr>
          <th scope="col">{said.field}</th>
          {hasBefore && <th scope="col">{said.before}</th>}
          {hasAfter && <th scope="col">{said.after}</th>}
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.field}>
            <th scope="row">{change.field}</th>
            {hasBefore && (
              <td className={styles.before}>
                <Value value={change.before} />
              </td>
            )}
            {hasAfter && (
              <td className={styles.after}>
                <Value value={change.after} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ value }: { value: unknown }) {
  const text = shown(value);
  return text ? text : <span className="muted">{said.empty}</span>;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
