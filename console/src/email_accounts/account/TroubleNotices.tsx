import { Button } from "@mantine/core";
import { useState } from "react";
import type { EmailAccount } from "@/api/schema";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { When } from "@/parts/When";
import { useMay } from "@/session/useMe";
import { words } from "@/words/email_accounts";
import { useChangeAccount } from "../useChangeAccount";

const said = words.trouble;

/** What is wrong with a mailbox, since when, and what to do about each. */
export function TroubleNotices({ account }: { account: EmailAccount }) {
  return (
    <>
      {account.state !== "ok" && (
        <Notice tone="bad" title={said[account.state]}>
          {account.last_poll_error && <p className="break">{account.last_poll_error}</p>}
          <p>{said.fixes[account.state]}</p>
          <p className="muted">
            {said.since} <When at={account.state_since} />
          </p>
        </Notice>
      )}
      {account.state === "ok" && account.last_poll_error && (
        <Notice tone="warn" title={said.lastPoll}>
          <p className="break">{account.last_poll_error}</p>
        </Notice>
      )}
      {account.sending_stopped && <Stopped account={account} />}
      {account.canary_problem && (
        <Notice tone="warn" title={said.canary}>
          <p className="break">{account.canary_problem}</p>
        </Notice>
      )}
    </>
  );
}

function Stopped({ account }: { account: EmailAccount }) {
  const change = useChangeAccount(account.id);
  const may = useMay("email_accounts:configure");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const resume = async () => {
    setBusy(true);
    setProblem(undefined);
    await change({ sending_stopped: false }).then(() => toastDone(said.resumed, "account"), setProblem);
    setBusy(false);
  };
  return (
    <Notice tone="bad" title={said.sendingStopped}>
      <p className="break">{account.sending_stopped_reason}</p>
      <p>{said.sendingFix}</p>
      {problem ? <Problem error={problem} /> : null}
      {may && (
        <div className="line">
          <Button size="xs" variant="default" loading={busy} onClick={resume}>
            {said.resume}
          </Button>
        </div>
      )}
    </Notice>
  );
}
