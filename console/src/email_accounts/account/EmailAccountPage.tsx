import { Tabs } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import type { EmailAccount } from "@/api/schema";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { When } from "@/parts/When";
import { useMay, useMe } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/email_accounts";
import { AccountBadge } from "../AccountBadge";
import { FirstSync } from "../FirstSync";
import { PollNow } from "../PollNow";
import { type PollOutcome, PollOutcomeNotice } from "../PollOutcomeNotice";
import { useAccounts } from "../useAccounts";
import { AccountSettings } from "./AccountSettings";
import { TroubleNotices } from "./TroubleNotices";

const FoldersTab = lazy(() => import("./FoldersTab"));
const VacationForm = lazy(() => import("@/auto_replies/VacationForm"));

const EVERY_MS = 10_000;

/** One mailbox: how it is doing, its settings, its folders and its vacation responder. */
export default function EmailAccountPage() {
  const { accountId } = useParams({ strict: false }) as { accountId: string };
  const account = api.useQuery(
    "get",
    "/api/v1/settings/email-accounts/{account_id}",
    { params: { path: { account_id: accountId } } },
    { refetchInterval: EVERY_MS },
  );
  return (
    <Page title={account.data?.data.name ?? words.title} actions={<BackLink />}>
      <Loaded query={account}>{({ data }) => <Account key={data.id} account={data} />}</Loaded>
    </Page>
  );
}

function BackLink() {
  return <Link to="/settings/email-accounts">{words.back}</Link>;
}

function Account({ account }: { account: EmailAccount }) {
  const [tab, setTab] = useQueryText("tab", "settings");
  const [outcome, setOutcome] = useState<PollOutcome>();
  const others = useAccounts();
  const me = useMe();
  const mayConfigure = useMay("email_accounts:configure");
  const mayPoll = useMay("email_accounts:poll");
  const { tabs } = words;
  return (
    <>
      <div className="spread">
        <div className="line">
          <AccountBadge account={account} />
          <span className="muted break">{account.email}</span>
          <span className="muted">
            {words.columns.lastPoll} <When at={account.last_polled_at} />
          </span>
        </div>
        {mayPoll && <PollNow account={account} onResult={setOutcome} />}
      </div>
      <FirstSync account={account} />
      {outcome && <PollOutcomeNotice outcome={outcome} />}
      <TroubleNotices account={account} />
      {me && !mayConfigure && tab !== "vacation" && <ReadOnly />}
      <Tabs
        value={tab}
        onChange={(next) => setTab(next ?? "settings")}
        keepMounted={false}
        activateTabWithKeyboard={false}
      >
        <Tabs.List aria-label={tabs.label}>
          <Tabs.Tab value="settings">{tabs.settings}</Tabs.Tab>
          <Tabs.Tab value="folders">{tabs.folders}</Tabs.Tab>
          <Tabs.Tab value="vacation">{tabs.vacation}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings" pt="lg">
          <AccountSettings account={account} accounts={others.data?.data ?? []} mayConfigure={mayConfigure} />
        </Tabs.Panel>
        <Tabs.Panel value="folders" pt="lg">
          <Suspense>
            <FoldersTab account={account} mayConfigure={mayConfigure} mayPoll={mayPoll} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="vacation" pt="lg">
          <Suspense>
            <VacationForm accountId={account.id} email={account.email} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
