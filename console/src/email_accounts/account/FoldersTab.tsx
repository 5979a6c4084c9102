import type { EmailAccount } from "@/api/schema";
import { ComparisonSection } from "./ComparisonSection";
import { FoldersSection } from "./FoldersSection";

/** Which folders are synced, and whether everything on the server is here. */
export default function FoldersTab(props: {
  account: EmailAccount;
  mayConfigure: boolean;
  mayPoll: boolean;
}) {
  return (
    <div className="stack">
      <FoldersSection account={props.account} mayConfigure={props.mayConfigure} />
      {props.mayPoll && <ComparisonSection account={props.account} />}
    </div>
  );
}
