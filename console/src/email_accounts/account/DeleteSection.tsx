import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "@/api/client";
import type { EmailAccount } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_accounts";
import { useReloadAccounts } from "../useAccounts";

const said = words.remove;

/** Deletes a mailbox, after saying what stops and asking for its address. */
export function DeleteSection({ account, accounts }: { account: EmailAccount; accounts: EmailAccount[] }) {
  const [asks, setAsks] = useState(false);
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
    <Section
      title={said.title}
      about={said.about}
      actions={
        <Button color="red.9" onClick={() => setAsks(true)}>
          {said.action}
        </Button>
      }
    >
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={said.dialog(account.name)}
        action={said.action}
        isDangerous
        typed={account.email}
        onConfirm={remove}
      >
        <ul className="list">
          {said.stops.map((each) => (
            <li key={each}>{each}</li>
          ))}
          {losesDefault && <li>{said.next(account.name)}</li>}
        </ul>
      </ConfirmDialog>
    </Section>
  );
}
