import type { EmailAccount } from "@/api/schema";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";

export interface PollOutcome {
  account: EmailAccount;
  /** What arrived. */
  said?: string;
  /** Why nothing could be fetched. */
  error?: unknown;
}

/** What a poll brought, or why it failed. */
export function PollOutcomeNotice({ outcome }: { outcome: PollOutcome }) {
  const { account, said, error } = outcome;
  if (error) return <Problem error={error} title={account.name} />;
  return (
    <Notice tone="good" title={account.name} live="status">
      <p>{said}</p>
    </Notice>
  );
}
