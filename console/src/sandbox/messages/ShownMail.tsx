import { Button } from "@mantine/core";
import { When } from "@/parts/When";
import { words } from "@/words/sandbox/page";
import type { Mail } from "../api";
import styles from "./Messages.module.css";

/** A mail, whole; those whom the mail itself does not name had a hidden copy. `onAnswer` is for the product's mails. */
export function ShownMail({ mail, onAnswer }: { mail: Mail; onAnswer: (() => void) | undefined }) {
  const subject = mail.subject || words.mail.noSubject;
  return (
    <article className={styles.message} data-mine={!onAnswer}>
      <header className={styles.head}>
        <strong>{subject}</strong>
        <When at={mail.at} />
      </header>
      <p className={styles.head}>{peopleOf(mail)}</p>
      <p className={styles.text}>{mail.text}</p>
      {mail.files.length > 0 && <p className="muted">{words.mail.files(mail.files)}</p>}
      {onAnswer && (
        <div className={styles.foot}>
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={words.mail.answerOne(subject)}
            onClick={onAnswer}
          >
            {words.mail.answerButton}
          </Button>
        </div>
      )}
    </article>
  );
}

function peopleOf({ from, to, cc, bcc = [] }: Mail): string {
  const parts = [words.mail.fromTo(from, to || words.mail.nobody)];
  if (cc) parts.push(words.mail.copy(cc));
  if (bcc.length > 0) parts.push(words.mail.hiddenCopy(bcc));
  return parts.join(", ");
}
