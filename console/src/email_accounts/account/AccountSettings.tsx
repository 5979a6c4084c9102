import type { EmailAccount } from "@/api/schema";
import { isOff } from "../AccountBadge";
import { AccountForm } from "./AccountForm";
import { DeleteAccount } from "./DeleteAccount";
import { TurnOffSection } from "./TurnOffSection";

interface Props {
  account: EmailAccount;
  accounts: EmailAccount[];
  mayConfigure: boolean;
}

/** Everything that an admin changes at a mailbox; others read it. */
export function AccountSettings({ account, accounts, mayConfigure }: Props) {
  return (
    <div className="stack">
      <fieldset disabled={!mayConfigure} className="plain">
        <AccountForm account={account} accounts={accounts} mayConfigure={mayConfigure} />
      </fieldset>
      {mayConfigure && (
        <>
          <TurnOffSection account={account} isOff={isOff(account)} />
          <DeleteAccount account={account} accounts={accounts} />
        </>
      )}
    </div>
  );
}
