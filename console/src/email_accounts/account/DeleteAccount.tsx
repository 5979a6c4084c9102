import { useNavigate } from "@tanstack/react-router";
import { client } from "@/api/client";
import type { EmailAccount } from "@/api/schema";
import { DeleteSection } from "@/parts/DeleteSection";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_accounts";
import { useReloadAccounts } from "../useAccounts";

const said = words.remove;

/** Deletes a mailbox, after saying what stops and asking for its address. */
export function DeleteAccount({ account, accounts }: { account: EmailAccount; accounts: EmailAccount[] }) {
  const navigate = useNavigate();
  const reload = useReloadAccounts();
  const remove = async () => {
    await client.DELETE("/api/v1/settings/email-accounts/{account_id}", {
      params: { path: { account_id: account.id } },
    });
    toastDone(said.done(account.name), "account");
    await navigate({ to: "/settings/email-accounts" });
    void reload();
  };
  const losesDefault = account.is_default && accounts.length > 1;
  return (
    <DeleteSection
      title={said.title}
      about={said.about}
      action={said.action}
      question={said.dialog(account.name)}
      typed={account.email}
      onDelete={remove}
    >
      <ul className="list">
        {said.stops.map((each) => (
          <li key={each}>{each}</li>
        ))}
        {losesDefault && <li>{said.next(account.name)}</li>}
      </ul>
    </DeleteSection>
  );
}
