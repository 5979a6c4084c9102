import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

/** What stands where a list would be: why it is empty, and what ends that. */
export function EmptyState({ title, why, action }: { title: string; why: string; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h3>{title}</h3>
      <p className="muted">{why}</p>
      {action && <div className="line">{action}</div>}
    </div>
  );
}
