import { Button } from "@mantine/core";
import { useState } from "react";
import { failureOf } from "@/api/failure";
import type { EmailAccount } from "@/api/schema";
import { RefreshIcon } from "@/parts/icons";
import { toastDone, toastFailed } from "@/parts/toasts";
import { words } from "@/words/email_accounts";
import type { PollOutcome } from "./PollOutcomeNotice";
import { pollNow, useReloadAccounts } from "./useAccounts";

interface Props {
  account: EmailAccount;
  /** Shows what arrived, or why nothing could. */
  onResult: (outcome: PollOutcome) => void;
}

/** A button that polls a mailbox at once. */
export function PollNow({ account, onResult }: Props) {
  const [busy, setBusy] = useState(false);
  const reload = useReloadAccounts();
  const poll = async () => {
    setBusy(true);
    try {
      const found = await pollNow(account.id);
      const said = words.polled(found.new_messages, found.new_threads);
      onResult({ account, said });
      toastDone(said, "poll");
    } catch (error) {
      onResult({ account, error });
      toastFailed(failureOf(error).error, "poll");
    }
    setBusy(false);
    await reload();
  };
  return (
    <Button
      size="xs"
      variant="default"
      loading={busy}
      disabled={!account.imap_enabled}
      aria-label={words.pollNowOf(account.name)}
      leftSection={<RefreshIcon size={14} />}
      onClick={poll}
    >
      {words.pollNow}
    </Button>
  );
}
