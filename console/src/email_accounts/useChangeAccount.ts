import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { EmailAccountChange } from "@/api/schema";
import { useReloadAccounts } from "./useAccounts";

/** Return a function that changes the given fields of a mailbox, and shows the mailbox as it then is. */
export function useChangeAccount(accountId: string) {
  const reload = useReloadAccounts();
  return async (change: Partial<EmailAccountChange>, version?: string) => {
    await client.PATCH("/api/v1/settings/email-accounts/{account_id}", {
      params: { path: { account_id: accountId } },
      headers: ifMatch(version),
      body: change,
    });
    await reload();
  };
}
