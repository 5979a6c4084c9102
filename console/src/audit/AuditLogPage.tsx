import { Button } from "@mantine/core";
import { lazy, Suspense, useRef, useState } from "react";
import { api } from "@/api/client";
import type { AuditEntry } from "@/api/schema";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { words } from "@/words/audit";
import { words as partWords } from "@/words/parts";
import { AuditFilters } from "./AuditFilters";
import { EntryTable } from "./EntryTable";
import { ExportButton } from "./ExportButton";
import { useFilters } from "./useFilters";
import { Verification } from "./Verification";

const EntryDrawer = lazy(() => import("./EntryDrawer"));

/** Who changed what, and when; whether anybody has changed the log itself. */
export default function AuditLogPage() {
  const filters = useFilters();
  const [chosen, setChosen] = useState<AuditEntry>();
  const button = useRef<HTMLElement>(null);
  const show = (entry: AuditEntry, from: HTMLElement) => {
    button.current = from;
    setChosen(entry);
  };
  const close = () => {
    setChosen(undefined);
    // The drawer is gone at once, so that it cannot give the focus back itself.
    window.requestAnimationFrame(() => button.current?.focus());
  };
  const found = api.useInfiniteQuery(
    "get",
    "/api/v1/settings/audit-logs",
    { params: { query: { ...filters.query, limit: 50 } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { next_cursor: string | null }) => last.next_cursor ?? undefined,
    },
  );
  return (
    <Page title={words.title} about={words.about} actions={<ExportButton query={filters.query} />}>
      <Verification />
      <AuditFilters filters={filters} />
      <Loaded query={found}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.data);
          if (entries.length === 0) return <Nothing isFiltered={filters.isFiltered} />;
          return <EntryTable entries={entries} onShow={show} />;
        }}
      </Loaded>
      {found.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {partWords.more}
          </Button>
        </div>
      )}
      <Suspense>{chosen && <EntryDrawer entry={chosen} onClose={close} />}</Suspense>
    </Page>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title={words.noMatchTitle} why={words.noMatchWhy} />;
  return <EmptyState title={words.emptyTitle} why={words.emptyWhy} />;
}
