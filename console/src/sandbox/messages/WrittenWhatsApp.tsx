import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { words } from "@/words/sandbox/page";
import type { WrittenMessage } from "../api";
import { textOf } from "./content";
import styles from "./Messages.module.css";

/** A WhatsApp message that the customer wrote, and whether the product took it. */
export function WrittenWhatsApp({ message }: { message: WrittenMessage }) {
  const [tone, said, reason] = fate(message);
  return (
    <article className={styles.message} data-mine>
      <header className={styles.head}>
        <span>
          <strong>{words.whatsapp.you(message.from)}</strong> {words.whatsapp.to(message.to)}
        </span>
        <When at={message.timestamp} />
      </header>
      <p className={styles.text}>{textOf(message.content, {})}</p>
      <div className={styles.foot}>
        <StatusBadge tone={tone}>{said}</StatusBadge>
        {reason && <span className={styles.reason}>{reason}</span>}
      </div>
    </article>
  );
}

function fate({ posted_to, arrived }: WrittenMessage): [Tone, string, string?] {
  if (!posted_to) return ["warn", words.whatsapp.unposted, words.whatsapp.unpostedWhy];
  if (arrived === null) return ["neutral", words.whatsapp.posting];
  return arrived ? ["good", words.whatsapp.arrived] : ["bad", words.whatsapp.refused];
}
