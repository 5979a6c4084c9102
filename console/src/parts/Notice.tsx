import type { ReactNode } from "react";
import { words } from "@/words/parts";
import { AlertIcon, CheckIcon, CrossIcon, DotIcon, InfoIcon } from "./icons";
import styles from "./Notice.module.css";
import type { Tone } from "./StatusBadge";

const ICONS = { good: CheckIcon, warn: AlertIcon, bad: CrossIcon, info: InfoIcon, neutral: DotIcon };

/** A box that says something about the page. `live` announces it: "alert" at once, "status" when there is a pause. */
export function Notice(props: {
  tone: Tone;
  title: string;
  live?: "alert" | "status";
  children?: ReactNode;
}) {
  const Icon = ICONS[props.tone];
  return (
    <div className={styles.notice} data-tone={props.tone} role={props.live}>
      <span className={styles.icon} title={words.tones[props.tone]}>
        <Icon />
      </span>
      <div className={styles.body}>
        <strong>{props.title}</strong>
        {props.children}
      </div>
    </div>
  );
}
