import { Button } from "@mantine/core";
import { Notice } from "@/parts/Notice";
import { breakages } from "@/words/sandbox/breakages";
import { words } from "@/words/sandbox/page";
import { type Broken, useAct } from "../api";
import styles from "./Breakages.module.css";

/** What is broken now, each with the button that repairs it; nothing while everything works. */
export function BrokenNow({ conversation: { broken, faults } }: { conversation: Broken }) {
  const act = useAct();
  const count = broken.length + faults.length;
  if (count === 0) return null;
  return (
    <Notice tone="warn" title={words.broken.title(count)} live="status">
      <ul className={styles.broken}>
        {broken.map(({ name, left }) => (
          <li key={name}>
            <span>{titleOf(name)}</span>
            {left !== null && <span className="muted">{words.break.left(left)}</span>}
            <Button
              size="compact-xs"
              variant="default"
              aria-label={words.broken.repairOne(titleOf(name))}
              onClick={() => void act("DELETE", `/breakages/${name}`)}
            >
              {words.broken.repair}
            </Button>
          </li>
        ))}
        {faults.map((fault) => (
          <li key={JSON.stringify(fault)}>
            {words.broken.fault(fault.operation ?? fault.stage ?? "", fault.kind, fault.times)}
          </li>
        ))}
      </ul>
      {(count > 1 || faults.length > 0) && (
        <div className="line">
          <Button size="xs" onClick={() => void act("DELETE", "/breakages")}>
            {words.broken.repairAll}
          </Button>
        </div>
      )}
    </Notice>
  );
}

/** Return what is broken in words. */
export function titleOf(name: string): string {
  return breakages[name]?.title ?? name;
}
