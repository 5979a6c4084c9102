import type { EmailAccount } from "@/api/schema";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { words } from "@/words/email_accounts";

/** Return whether a mailbox neither sends nor is polled. */
export const isOff = (account: EmailAccount): boolean => !account.smtp_enabled && !account.imap_enabled;

/** How a mailbox is doing, in one word. */
export function AccountBadge({ account }: { account: EmailAccount }) {
  const [tone, text] = badgeOf(account);
  return <StatusBadge tone={tone}>{text}</StatusBadge>;
}

function badgeOf(account: EmailAccount): [Tone, string] {
  const { badges } = words;
  if (isOff(account)) return ["neutral", badges.off];
  if (account.state !== "ok" || account.sending_stopped || account.canary_problem)
    return ["bad", badges.attention];
  return account.is_verified ? ["good", badges.active] : ["warn", badges.unverified];
}
