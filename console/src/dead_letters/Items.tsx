import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import type { DeadLetterGroup, DeadLetterItem } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { Loaded } from "@/parts/Loaded";
import { count, When } from "@/parts/When";
import { words } from "@/words/dead_letters";
import { words as common } from "@/words/parts";
import type { Actions } from "./Group";
import styles from "./Group.module.css";
import { nameOf } from "./nameOf";
import type { State } from "./state";

const InspectDialog = lazy(() => import("./InspectDialog"));
const PAGE = 50;

/** The dead letters of a group one by one, the latest first. */
export function Items({ group, state, ...actions }: { group: DeadLetterGroup; state: State } & Actions) {
  const [inspected, setInspected] = useState<DeadLetterItem>();
  const query = { state, queue: group.queue, cause: group.cause, limit: PAGE };
  const pages = api.useInfiniteQuery(
    "get",
    "/api/v1/settings/dead-letters/items",
    { params: { query } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last) => last.next_cursor ?? undefined,
    },
  );
  const rows = {
    data: pages.data?.pages.flatMap((page) => page.data),
    error: pages.error,
    refetch: pages.refetch,
  };
  return (
    <Loaded query={rows}>
      {(items) => (
        <div className="stack">
          <DataTable
            caption={words.list(group.work)}
            rows={items}
            rowKey={(item) => item.id}
            columns={[...columnsOf(state), buttons(actions, setInspected)]}
          />
          {pages.hasNextPage && (
            <div>
              <Button
                size="xs"
                variant="default"
                loading={pages.isFetchingNextPage}
                onClick={() => void pages.fetchNextPage()}
              >
                {common.more}
              </Button>
            </div>
          )}
          <Suspense>
            {inspected && <InspectDialog item={inspected} onClose={() => setInspected(undefined)} />}
          </Suspense>
        </div>
      )}
    </Loaded>
  );
}

function columnsOf(state: State): Column<DeadLetterItem>[] {
  const { columns } = words;
  const about: Column<DeadLetterItem>[] = [
    { title: columns.subject, cell: (item) => <About item={item} /> },
    { title: columns.customer, cell: (item) => item.customer_name || words.nobody },
  ];
  if (state !== "open")
    return [
      ...about,
      { title: columns.settled, cell: (item) => <Settled item={item} /> },
      ...(state === "discarded"
        ? [{ title: columns.reason, cell: (item: DeadLetterItem) => item.reason }]
        : []),
    ];
  return [
    ...about,
    { title: columns.status, cell: (item) => item.message_status ?? words.nobody },
    {
      title: columns.attempts,
      align: "end",
      cell: (item) => <span className="number">{count(item.attempts)}</span>,
    },
    { title: columns.last, cell: (item) => <When at={item.last_failed_at} /> },
  ];
}

function About({ item }: { item: DeadLetterItem }) {
  return (
    <div>
      {nameOf(item)}
      {item.times_given_up > 1 && <div className="muted">{words.again(item.times_given_up)}</div>}
    </div>
  );
}

function Settled({ item }: { item: DeadLetterItem }) {
  return (
    <span>
      <When at={item.settled_at} /> {item.settled_by && words.by(item.settled_by)}
    </span>
  );
}

function buttons(actions: Actions, inspect: (item: DeadLetterItem) => void): Column<DeadLetterItem> {
  const one = (item: DeadLetterItem) => ({ what: { ids: [item.id] }, count: 1 });
  return {
    title: words.columns.actions,
    untitled: true,
    align: "end",
    cell: (item) => (
      <div className={styles.actions}>
        <Button
          size="xs"
          variant="default"
          aria-label={words.inspectOf(nameOf(item))}
          onClick={() => inspect(item)}
        >
          {words.inspect}
        </Button>
        {actions.onRedrive && (
          <Button
            size="xs"
            variant="default"
            aria-label={words.redriveOf(nameOf(item))}
            onClick={() => actions.onRedrive?.(one(item))}
          >
            {words.redrive}
          </Button>
        )}
        {actions.onDiscard && (
          <Button
            size="xs"
            variant="default"
            aria-label={words.discardOf(nameOf(item))}
            onClick={() => actions.onDiscard?.(one(item))}
          >
            {words.discard}
          </Button>
        )}
      </div>
    ),
  };
}
