import { Button } from "@mantine/core";
import type { AuditEntry } from "@/api/schema";
import { DataTable } from "@/parts/DataTable";
import { StatusBadge } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { words } from "@/words/audit";

/** The entries, one row each; the whole entry opens beside them. */
export function EntryTable({
  entries,
  onShow,
}: {
  entries: AuditEntry[];
  onShow: (entry: AuditEntry, button: HTMLElement) => void;
}) {
  return (
    <DataTable
      caption={words.listed}
      rows={entries}
      rowKey={(entry) => entry.id}
      columns={[
        { title: words.columns.when, cell: (entry) => <When at={entry.created_at} /> },
        { title: words.columns.who, cell: whoOf },
        { title: words.columns.what, cell: (entry) => actionOf(entry) },
        { title: words.columns.concerns, cell: (entry) => concernOf(entry) },
        {
          title: words.columns.result,
          cell: (entry) => (
            <StatusBadge tone={entry.status === "success" ? "good" : "bad"}>
              {words.results[entry.status]}
            </StatusBadge>
          ),
        },
        {
          title: words.columns.details,
          untitled: true,
          align: "end",
          cell: (entry) => (
            <Button
              size="xs"
              variant="subtle"
              aria-label={words.showOf(actionOf(entry), String(entry.sequence))}
              onClick={(event) => onShow(entry, event.currentTarget)}
            >
              {words.show}
            </Button>
          ),
        },
      ]}
    />
  );
}

/** Return who did it, as a name. */
export function whoOf(entry: AuditEntry): string {
  return entry.user_name ?? words.product;
}

/** Return what was done, in words if there are any. */
export function actionOf(entry: AuditEntry): string {
  return words.actions[entry.action] ?? entry.action;
}

function concernOf({ integration_type, details }: AuditEntry): string {
  const subject = [details.email, details.subject, details.phone_number, details.name].find(
    (value) => typeof value === "string" && value !== integration_type,
  );
  const channel = integration_type && (words.integrations[integration_type] ?? integration_type);
  return [channel, subject].filter(Boolean).join(" · ") || words.nothing;
}
