import { Tooltip } from "@mantine/core";
import { clockTime } from "@/parts/When";
import { words } from "@/words/realtime";
import styles from "./LiveSign.module.css";
import type { Liveness } from "./realtime";

/** The header's sign: live, reconnecting with the age of what is shown, or asking from time to time. */
export function LiveSign({ liveness }: { liveness: Liveness }) {
  const { state, staleSince } = liveness;
  return (
    <Tooltip label={words.explained[state]}>
      <output className={styles.sign} data-state={state}>
        <span className={styles.dot} aria-hidden="true" />
        {words[state]}
        {staleSince && <span className={styles.since}>{words.showingFrom(clockTime(staleSince))}</span>}
      </output>
    </Tooltip>
  );
}
