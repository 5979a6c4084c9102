import { useQueryClient } from "@tanstack/react-query";
import { api, client } from "@/api/client";

const PATH = "/api/v1/settings/email-accounts" as const;
/** Polls happen without a person, so the list is asked for again: more often while a first sync runs. */
const EVERY_MS = 10_000;
const FIRST_SYNC_EVERY_MS = 2_000;

/** Return the mailboxes, kept up to date while the page is visible. */
export function useAccounts() {
  return api.useQuery(
    "get",
    PATH,
    { params: { query: { limit: 200 } } },
    {
      refetchInterval: (query) =>
        query.state.data?.data.some((account) => account.first_sync) ? FIRST_SYNC_EVERY_MS : EVERY_MS,
    },
  );
}

/** Return a function that loads everything about mailboxes again. */
export function useReloadAccounts(): () => Promise<void> {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => queryKey.some((part) => typeof part === "string" && part.startsWith(PATH)),
    });
}

/** Poll a mailbox now, and return what arrived. */
export async function pollNow(accountId: string) {
  const { data } = await client.POST("/api/v1/settings/email-accounts/{account_id}/poll-now", {
    params: { path: { account_id: accountId } },
  });
  if (!data) throw new Error("no answer");
  return data.data;
}
