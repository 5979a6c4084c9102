import type { ReactNode } from "react";
import { AlertIcon, CheckIcon, CrossIcon, DotIcon, InfoIcon } from "./icons";
import styles from "./StatusBadge.module.css";

export type Tone = "good" | "warn" | "bad" | "info" | "neutral";

const ICONS = { good: CheckIcon, warn: AlertIcon, bad: CrossIcon, info: InfoIcon, neutral: DotIcon };

/** A state as text with icon and colour; the colour never says anything alone. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <span className={styles.badge} data-tone={tone}>
      <Icon size={14} />
      {children}
    </span>
  );
}
