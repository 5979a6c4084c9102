import { Modal } from "@mantine/core";
import type { DeadLetterItem } from "@/api/schema";
import { CopyButton } from "@/parts/CopyButton";
import { count, When } from "@/parts/When";
import { words } from "@/words/dead_letters";
import styles from "./Group.module.css";
import { nameOf } from "./nameOf";

/** Everything that is known of one dead letter. */
export default function InspectDialog({ item, onClose }: { item: DeadLetterItem; onClose: () => void }) {
  const { details } = words;
  const text = JSON.stringify(item.item, null, 2);
  return (
    <Modal opened onClose={onClose} title={`${details.title} · ${nameOf(item)}`} size="lg">
      <div className="stack">
        <dl className={styles.pairs}>
          <dt>{details.cause}</dt>
          <dd>{item.sentence}</dd>
          <dt>{details.work}</dt>
          <dd>{item.work}</dd>
          <dt>{details.state}</dt>
          <dd>{words.states[item.state]}</dd>
          <dt>{details.attempts}</dt>
          <dd className="number">
            {count(item.attempts)}
            {item.times_given_up > 1 && ` · ${words.again(item.times_given_up)}`}
          </dd>
          <dt>{details.first}</dt>
          <dd>
            <When at={item.first_failed_at} />
          </dd>
          <dt>{details.last}</dt>
          <dd>
            <When at={item.last_failed_at} />
          </dd>
        </dl>
        <div className="spread">
          <strong>{details.item}</strong>
          <CopyButton text={text} what={details.copy} />
        </div>
        {item.subject === "callback" && <p className="muted">{details.itemAbout}</p>}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre className={styles.item} tabIndex={0}>
          {text}
        </pre>
      </div>
    </Modal>
  );
}
