import { Button, Select } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import type { WebhookEvent } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { When } from "@/parts/When";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/webhooks";
import { CallbackHealth } from "./CallbackHealth";
import { OutcomeBadge } from "./OutcomeBadge";

/** Callbacks change without a change of a message, so that the page asks for them. */
const REFRESH_MS = 10_000;

/** The log of callbacks, and whether they arrive. */
export default function WebhooksPage() {
  const [kind, setKind] = useQueryText("kind");
  const [outcome, setOutcome] = useQueryText("result");
  const query = {
    limit: 50,
    ...(isKind(kind) && { kind }),
    ...(isOutcome(outcome) && { outcome }),
  };
  const found = api.useInfiniteQuery(
    "get",
    "/api/v1/settings/webhook-events",
    { params: { query } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { next_cursor: string | null }) => last.next_cursor ?? undefined,
      refetchInterval: REFRESH_MS,
    },
  );
  return (
    <Page title={words.title} about={words.about}>
      <CallbackHealth />
      <div className="line">
        <Filter label={words.filters.kind} value={kind} onChange={setKind} names={words.kinds} />
        <Filter label={words.filters.outcome} value={outcome} onChange={setOutcome} names={words.outcomes} />
      </div>
      <Loaded query={found}>
        {({ pages }) => (
          <Events events={pages.flatMap((page) => page.data)} isFiltered={Boolean(kind || outcome)} />
        )}
      </Loaded>
      {found.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {words.more}
          </Button>
        </div>
      )}
    </Page>
  );
}

const isKind = (text: string): text is WebhookEvent["kind"] => text in words.kinds;
const isOutcome = (text: string): text is WebhookEvent["outcome"] => text in words.outcomes;

interface FilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  names: Record<string, string>;
}

function Filter({ label, value, onChange, names }: FilterProps) {
  const data = Object.entries(names).map(([name, shown]) => ({ value: name, label: shown }));
  return (
    <Select
      label={label}
      placeholder={words.filters.any}
      data={data}
      value={value || null}
      onChange={(chosen) => onChange(chosen ?? "")}
      clearable
      clearButtonProps={{ "aria-label": words.filters.any }}
    />
  );
}

const COLUMNS: Column<WebhookEvent>[] = [
  { title: words.columns.at, cell: (event) => <When at={event.received_at} /> },
  { title: words.columns.kind, cell: (event) => words.kinds[event.kind] ?? event.kind },
  { title: words.columns.outcome, cell: (event) => <OutcomeBadge outcome={event.outcome} /> },
  {
    title: words.columns.about,
    cell: (event) => words.subjects[event.subject ?? ""] ?? words.detail.unknownStatus,
  },
  { title: words.columns.times, cell: (event) => <span className="number">{event.deliveries}</span> },
  {
    title: words.columns.open,
    untitled: true,
    align: "end",
    cell: (event) => (
      <Link
        to={`/operations/webhooks/${event.id}`}
        aria-label={words.showOf(words.kinds[event.kind] ?? event.kind)}
      >
        {words.show}
      </Link>
    ),
  },
];

function Events({ events, isFiltered }: { events: WebhookEvent[]; isFiltered: boolean }) {
  if (events.length > 0) {
    return <DataTable caption={words.caption} columns={COLUMNS} rows={events} rowKey={(event) => event.id} />;
  }
  if (isFiltered) return <EmptyState title={words.empty.filteredTitle} why={words.empty.filteredWhy} />;
  const action = <Link to="/settings/integrations">{words.empty.action}</Link>;
  return <EmptyState title={words.empty.title} why={words.empty.why} action={action} />;
}
