import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { words } from "@/words/sandbox/page";
import type { SentMessage } from "../api";
import { textOf } from "./content";
import styles from "./Messages.module.css";
import { ReportMenu } from "./ReportMenu";

const STEPS: Record<number, { word: string; tone: Tone }> = {
  30001: { word: words.report.sent, tone: "info" },
  30002: { word: words.report.delivered, tone: "good" },
  30003: { word: words.report.read, tone: "good" },
};

/** A WhatsApp message of the product, with what the customer's phone has reported about it. */
export function ReceivedWhatsApp({
  message,
  templates,
}: {
  message: SentMessage;
  templates: Record<string, string>;
}) {
  const last = message.ladder.at(-1);
  const step = last && STEPS[last.code];
  return (
    <article className={styles.message} data-mine={false}>
      <header className={styles.head}>
        <span>
          <strong>{message.sender}</strong> {words.whatsapp.to(message.recipient)}
        </span>
        <When at={message.accepted_at} />
      </header>
      <p className={styles.text}>{textOf(message.content, templates)}</p>
      <div className={styles.foot}>
        <StatusBadge tone={step?.tone ?? (last ? "bad" : "neutral")}>
          {step?.word ?? (last ? words.report.failed : words.report.accepted)}
        </StatusBadge>
        {last && !step && <span className={styles.reason}>{words.report.codes[last.code] ?? last.name}</span>}
        <ReportMenu sid={message.sid} />
      </div>
    </article>
  );
}
