import { Button, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { useMay } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words as partWords } from "@/words/parts";
import { words } from "@/words/status";
import { NotificationRow } from "./NotificationRow";
import styles from "./Notifications.module.css";

const said = words.notifications;

/** What needs an admin, the newest first: the open ones, or all. */
export default function NotificationsPage() {
  const [show, setShow] = useQueryText("show", "open");
  const include_closed = show === "all";
  const found = api.useInfiniteQuery(
    "get",
    "/api/v1/settings/notifications",
    { params: { query: { limit: 50, include_closed } } },
    {
      pageParamName: "cursor",
      initialPageParam: null,
      getNextPageParam: (last: { next_cursor: string | null }) => last.next_cursor ?? undefined,
    },
  );
  return (
    <Page
      title={said.title}
      about={said.about}
      actions={
        <Switch
          label={said.closedToo}
          checked={include_closed}
          onChange={(event) => setShow(event.currentTarget.checked ? "all" : "open")}
        />
      }
    >
      <Loaded query={found}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.data);
          if (rows.length === 0) return <Nothing isAll={include_closed} />;
          return (
            <ul className={`${styles.list} ${styles.frame}`} aria-label={said.listed}>
              {rows.map((one) => (
                <NotificationRow key={one.id} notification={one} />
              ))}
            </ul>
          );
        }}
      </Loaded>
      {found.hasNextPage && (
        <Button
          variant="default"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {partWords.more}
        </Button>
      )}
    </Page>
  );
}

function Nothing({ isAll }: { isAll: boolean }) {
  const mayDiagnose = useMay("diagnostics:view");
  const action = mayDiagnose && (
    <Button component={Link} to={"/operations/diagnostics" as never} variant="default">
      {said.emptyAction}
    </Button>
  );
  return <EmptyState title={isAll ? said.noneTitle : said.emptyTitle} why={said.emptyWhy} action={action} />;
}
