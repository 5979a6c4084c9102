import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import type { EmailAccount } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { StatusBadge } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { useMay } from "@/session/useMe";
import { words } from "@/words/email_accounts";
import { AccountBadge } from "./AccountBadge";
import styles from "./EmailAccounts.module.css";
import { FirstSync } from "./FirstSync";
import { PollNow } from "./PollNow";
import type { PollOutcome } from "./PollOutcomeNotice";

interface Props {
  accounts: EmailAccount[];
  onPolled: (outcome: PollOutcome) => void;
}

/** The mailboxes, one row each. */
export function AccountTable({ accounts, onPolled }: Props) {
  const mayPoll = useMay("email_accounts:poll");
  const columns: Column<EmailAccount>[] = [
    { title: words.columns.account, cell: (account) => <Account account={account} /> },
    { title: words.columns.state, cell: (account) => <State account={account} /> },
    { title: words.columns.lastPoll, cell: (account) => <When at={account.last_polled_at} /> },
    { title: words.columns.interval, cell: (account) => <Interval account={account} /> },
    {
      title: words.columns.actions,
      untitled: true,
      align: "end",
      cell: (account) => (
        <div className={styles.actions}>
          {mayPoll && <PollNow account={account} onResult={onPolled} />}
          <OpenButton account={account} />
        </div>
      ),
    },
  ];
  return (
    <DataTable caption={words.caption} columns={columns} rows={accounts} rowKey={(account) => account.id} />
  );
}

function Account({ account }: { account: EmailAccount }) {
  return (
    <div className={styles.account}>
      <span className="line">
        <Link to={`/settings/email-accounts/${account.id}` as string}>{account.name}</Link>
        {account.is_default && <StatusBadge tone="info">{words.isDefault}</StatusBadge>}
      </span>
      <span className="muted break">{account.email}</span>
      <FirstSync account={account} />
    </div>
  );
}

function State({ account }: { account: EmailAccount }) {
  const problem = account.sending_stopped_reason ?? account.last_poll_error;
  return (
    <div>
      <AccountBadge account={account} />
      {problem && <span className={styles.problem}>{problem}</span>}
    </div>
  );
}

function Interval({ account }: { account: EmailAccount }) {
  if (!account.imap_enabled) return <span className="muted">{words.notPolled}</span>;
  return <span className="number">{words.interval(account.poll_interval_ms / 1000)}</span>;
}

function OpenButton({ account }: { account: EmailAccount }) {
  const navigate = useNavigate();
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={words.open(account.name)}
      onClick={() => void navigate({ to: `/settings/email-accounts/${account.id}` as string })}
    >
      {words.settings}
    </Button>
  );
}
