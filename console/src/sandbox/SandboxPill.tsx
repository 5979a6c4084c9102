import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { StatusBadge } from "@/parts/StatusBadge";
import { words } from "@/words/sandbox/page";
import { words as shellWords } from "@/words/shell";
import { useBroken } from "./api";
import { titleOf } from "./breakages/BrokenNow";
import styles from "./SandboxPill.module.css";

/** Says in the header of every page that the providers are simulated, and what is broken at them. */
export default function SandboxPill() {
  const broken = useBroken();
  const names = broken?.broken.map(({ name }) => name) ?? [];
  const count = names.length + (broken?.faults.length ?? 0);
  const only = count === 1 ? names[0] : undefined;
  if (count === 0) {
    return (
      <Tooltip label={shellWords.sandboxExplained}>
        <span className={styles.pill}>
          <StatusBadge tone="info">{shellWords.sandboxPill}</StatusBadge>
        </span>
      </Tooltip>
    );
  }
  return (
    <Tooltip label={words.broken.pillExplained}>
      <Link to="/sandbox" search={{ tab: "break" } as never} className={styles.pill}>
        <StatusBadge tone="warn">
          <span className={styles.long}>
            {only ? words.broken.pill(titleOf(only)) : words.broken.several(count)}
          </span>
          <span className={styles.short} aria-hidden>
            {shellWords.sandboxPill}
          </span>
        </StatusBadge>
      </Link>
    </Tooltip>
  );
}
