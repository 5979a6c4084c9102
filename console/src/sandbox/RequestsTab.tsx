import { DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { Section } from "@/parts/Section";
import { StatusBadge } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { breakages } from "@/words/sandbox/breakages";
import { words } from "@/words/sandbox/page";
import type { Conversation, ProviderRequest } from "./api";

/** What the product asked Exotel, and how that was answered. */
export function RequestsTab({ conversation }: { conversation: Conversation }) {
  const { title, about, empty, emptyWhy, columns } = words.requests;
  const rows = [...conversation.requests].reverse();
  return (
    <Section title={title} about={about}>
      {rows.length === 0 ? (
        <EmptyState title={empty} why={emptyWhy} />
      ) : (
        <DataTable
          caption={title}
          rows={rows}
          rowKey={(row) => String(row.id)}
          columns={[
            { title: columns.at, cell: (row) => <When at={row.at} /> },
            { title: columns.operation, cell: (row) => operation(row) },
            { title: columns.answer, cell: (row) => <Answer request={row} /> },
            { title: columns.broken, cell: (row) => (row.fault ? titleOf(row.fault) : words.requests.works) },
          ]}
        />
      )}
    </Section>
  );
}

function operation({ operation: name }: ProviderRequest): string {
  return words.requests.operations[name] ?? name;
}

/** The answer's status. One that is refused although nothing is broken is what a real Exotel answers, too. */
function Answer({ request: { outcome, fault } }: { request: ProviderRequest }) {
  if (outcome === null) return <StatusBadge tone="warn">{words.requests.waiting}</StatusBadge>;
  if (outcome.status === null) return <StatusBadge tone="bad">{words.requests.none}</StatusBadge>;
  const refused = fault ? "bad" : "neutral";
  const tone = outcome.status < 300 ? "good" : refused;
  return <StatusBadge tone={tone}>{String(outcome.status)}</StatusBadge>;
}

/** Return a breakage in words; a fault of the control API has only its technical name. */
function titleOf(fault: string): string {
  return breakages[fault]?.title ?? fault;
}
