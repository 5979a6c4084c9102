import { Button } from "@mantine/core";
import { useState } from "react";
import type { EmailAccount } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_accounts";
import { useChangeAccount } from "../useChangeAccount";

const said = words.turnOff;

/** Turns a mailbox off with everything kept, or on again. */
export function TurnOffSection({ account, isOff }: { account: EmailAccount; isOff: boolean }) {
  const change = useChangeAccount(account.id);
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const turn = async (isOn: boolean) => {
    await change({ imap_enabled: isOn, smtp_enabled: isOn });
    toastDone(isOn ? said.doneOn : said.doneOff, "account");
  };
  const turnOn = async () => {
    setBusy(true);
    setProblem(undefined);
    await turn(true).catch(setProblem);
    setBusy(false);
  };
  return (
    <Section
      title={said.title}
      about={isOff ? said.onAbout : said.about}
      actions={
        <Button variant="default" loading={busy} onClick={isOff ? turnOn : () => setAsks(true)}>
          {isOff ? said.on : said.action}
        </Button>
      }
    >
      {problem ? <Problem error={problem} /> : null}
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={said.dialog(account.name)}
        action={said.action}
        onConfirm={() => turn(false)}
      >
        <p>{said.body}</p>
      </ConfirmDialog>
    </Section>
  );
}
