import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { DiagnosisFinding } from "@/api/schema";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { words } from "@/words/status";
import styles from "./Diagnostics.module.css";
import { Linked } from "./Linked";

const said = words.diagnostics;
const TONES: Record<DiagnosisFinding["severity"], Tone> = { error: "bad", warning: "warn", note: "info" };

interface Props {
  finding: DiagnosisFinding;
  /** Whether the page was opened for this finding: then it is open and in view. */
  isLinked: boolean;
  isRunning: boolean;
  onRetest: () => void;
}

/** What is wrong: the symptom, and opened, its evidence, cause and exact fix, with a button that tests it again. */
export function Finding({ finding, isLinked, isRunning, onRetest }: Props) {
  const place = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (isLinked) place.current?.scrollIntoView({ block: "center" });
  }, [isLinked]);
  const facts = [
    [said.subject, words.notifications.subjects[finding.subject] ?? finding.subject],
    [said.evidence, finding.evidence],
    [said.cause, finding.cause],
  ];
  return (
    <details
      ref={place}
      className={styles.finding}
      data-severity={finding.severity}
      open={isLinked || finding.severity === "error"}
    >
      <summary>
        <StatusBadge tone={TONES[finding.severity]}>{said.severities[finding.severity]}</StatusBadge>
        <span>{finding.symptom}</span>
      </summary>
      <dl>
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div>
          <dt>{said.fix}</dt>
          <dd>
            <Linked text={finding.fix} />
          </dd>
        </div>
        <div>
          <dt>{said.code}</dt>
          <dd>
            <code>{finding.code}</code>
            {finding.guide_issue !== null && (
              <span className="muted"> · {said.guideIssue(finding.guide_issue)}</span>
            )}
          </dd>
        </div>
      </dl>
      <Button size="xs" variant="default" disabled={isRunning} onClick={onRetest}>
        {said.retestThis}
      </Button>
    </details>
  );
}
