import { Progress } from "@mantine/core";
import type { EmailAccount } from "@/api/schema";
import { words } from "@/words/email_accounts";
import styles from "./EmailAccounts.module.css";

/** How far the first sync of a mailbox is; nothing once it is over. */
export function FirstSync({ account }: { account: EmailAccount }) {
  const sync = account.first_sync;
  if (!sync || sync.on_server === 0) return null;
  const share = (100 * sync.stored) / sync.on_server;
  const said = words.firstSync.progress(sync.stored, sync.on_server);
  return (
    <div className={styles.firstSync}>
      <span className="muted number">{words.firstSync.line(said)}</span>
      <Progress value={share} size="sm" aria-label={words.firstSync.line(said)} />
    </div>
  );
}
