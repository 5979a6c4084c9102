import type { EmailAccountCheck } from "@/api/schema";
import { CheckIcon, CrossIcon } from "@/parts/icons";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { useNow } from "@/parts/When";
import { words } from "@/words/email_accounts";
import { words as partWords } from "@/words/parts";
import styles from "./Login.module.css";
import { lineOf, type MailTest } from "./useMailTest";

/** What the test of a mailbox found: the guide's line, then each half with its cause and what to do. */
export function TestOutcome({ test }: { test: MailTest }) {
  if (test.busy) return <Running began={test.began} />;
  if (test.problem) return <Problem error={test.problem} />;
  if (!test.finished) return null;
  const { check, seconds } = test.finished;
  const works = check.smtp.success && check.imap.success;
  return (
    <Notice tone={works ? "good" : "bad"} title={lineOf(check)} live={works ? "status" : "alert"}>
      <div className={styles.result}>
        <ul>
          <Half half={check.smtp} title={words.test.smtp(check.smtp.host, check.smtp.port)} />
          <Half half={check.imap} title={words.test.imap(check.imap.host, check.imap.port)} />
        </ul>
        {check.notes?.map((note) => (
          <p key={note}>{note}</p>
        ))}
        <p className="muted number">{partWords.test.took(seconds.toFixed(1))}</p>
      </div>
    </Notice>
  );
}

function Half({ half, title }: { half: EmailAccountCheck["imap"]; title: string }) {
  return (
    <li data-works={half.success}>
      {half.success ? <CheckIcon size={16} /> : <CrossIcon size={16} />}
      <div>
        <p>
          <strong>{title}</strong>{" "}
          <span className="muted">{half.success ? partWords.test.yes : partWords.test.no}</span>
        </p>
        {half.mailbox_count !== undefined && (
          <p className="muted">{words.test.folders(half.mailbox_count, half.unread_count ?? 0)}</p>
        )}
        {half.error && <p>{half.error}</p>}
        {half.cause && <p className="muted">{words.test.cause(half.cause)}</p>}
        {half.fix && <p>{words.test.fix(half.fix)}</p>}
      </div>
    </li>
  );
}

function Running({ began }: { began: number }) {
  useNow(200);
  const seconds = (performance.now() - began) / 1000;
  return <output className="muted number">{partWords.test.running(seconds.toFixed(1))}</output>;
}
