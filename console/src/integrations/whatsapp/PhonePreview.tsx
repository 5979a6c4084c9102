import { words } from "@/words/integrations";
import styles from "./Replies.module.css";

const { replies } = words;

/** A customer's chat with the business, with the automatic replies in it. */
export function PhonePreview(props: { business: string; welcome: string; away: string }) {
  return (
    <figure className={styles.phone} aria-label={replies.preview}>
      <figcaption className={styles.header}>{props.business || replies.previewBusiness}</figcaption>
      <div className={styles.chat}>
        <p className={styles.mine}>{replies.previewCustomer}</p>
        <Answer when={replies.previewOpen} text={props.welcome} />
        <Answer when={replies.previewClosed} text={props.away} />
      </div>
    </figure>
  );
}

function Answer({ when, text }: { when: string; text: string }) {
  return (
    <>
      <span className={styles.when}>{when}</span>
      <p className={styles.theirs} data-empty={!text || undefined}>
        {text || replies.previewEmpty}
      </p>
    </>
  );
}
