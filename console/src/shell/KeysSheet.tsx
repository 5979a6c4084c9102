import { Kbd, Modal } from "@mantine/core";
import { words } from "@/words/shell";
import styles from "./KeysSheet.module.css";
import { GO_TO } from "./useShortcuts";

/** Every key of the console. */
export default function KeysSheet({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={words.keys.title}>
      <p className="muted">{words.keys.about}</p>
      <dl className={styles.keys}>
        <Row keys={["Ctrl", "K"]} action={words.keys.palette} />
        <Row keys={["/"]} action={words.keys.search} />
        <Row keys={["?"]} action={words.keys.sheet} />
        {GO_TO.map((page) => (
          <Row
            key={page.path}
            keys={["G", page.key.toUpperCase()]}
            isSequence
            action={words.keys.goTo(page.title)}
          />
        ))}
      </dl>
    </Modal>
  );
}

function Row({ keys, action, isSequence = false }: { keys: string[]; action: string; isSequence?: boolean }) {
  const between = isSequence ? ` ${words.keys.between} ` : " + ";
  return (
    <div className={styles.row}>
      <dt>
        {keys.map((key, at) => (
          <span key={key}>
            {at > 0 && between}
            <Kbd>{key}</Kbd>
          </span>
        ))}
      </dt>
      <dd>{action}</dd>
    </div>
  );
}
