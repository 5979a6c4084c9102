import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { EmptyState } from "@/parts/EmptyState";
import { PlusIcon } from "@/parts/icons";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { useMay, useMe } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/email_accounts";
import { AccountTable } from "./AccountTable";
import { type PollOutcome, PollOutcomeNotice } from "./PollOutcomeNotice";
import { useAccounts } from "./useAccounts";

const loadDrawer = () => import("./AddAccountDrawer");
const AddAccountDrawer = lazy(loadDrawer);

/** The mailboxes of the organization, how each is doing, and the way to add one. */
export default function EmailAccountsPage() {
  const accounts = useAccounts();
  const me = useMe();
  const mayConfigure = useMay("email_accounts:configure");
  const [add, setAdd] = useQueryText("add");
  const [result, setResult] = useState<PollOutcome>();
  const button = mayConfigure && (
    <Button leftSection={<PlusIcon size={16} />} onClick={() => setAdd("yes")} onPointerEnter={loadDrawer}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} about={words.about} actions={button}>
      {me && !mayConfigure && <ReadOnly />}
      {result && <PollOutcomeNotice outcome={result} />}
      <Loaded query={accounts}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState
              title={words.empty.title}
              why={words.empty.why}
              action={<AddButton onAdd={mayConfigure ? () => setAdd("yes") : undefined} />}
            />
          ) : (
            <AccountTable accounts={data} onPolled={setResult} />
          )
        }
      </Loaded>
      {mayConfigure && add === "yes" && (
        <Suspense>
          <AddAccountDrawer accounts={accounts.data?.data ?? []} onClose={() => setAdd("")} />
        </Suspense>
      )}
    </Page>
  );
}

function AddButton({ onAdd }: { onAdd: (() => void) | undefined }) {
  if (!onAdd) return null;
  return (
    <Button variant="default" onClick={onAdd}>
      {words.empty.action}
    </Button>
  );
}
