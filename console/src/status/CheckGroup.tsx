import { Button } from "@mantine/core";
import type { DiagnosisCheck, DiagnosisFinding, DiagnosisGroup } from "@/api/schema";
import { CheckIcon, CrossIcon } from "@/parts/icons";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { count } from "@/parts/When";
import { words } from "@/words/status";
import styles from "./Diagnostics.module.css";
import { Finding } from "./Finding";

const said = words.diagnostics;
const TONES: Record<DiagnosisGroup["state"], Tone> = {
  pass: "good",
  warn: "warn",
  fail: "bad",
  not_checked: "neutral",
};

interface Props {
  group: DiagnosisGroup;
  findings: DiagnosisFinding[];
  checks: DiagnosisCheck[];
  /** The code of the finding that a link names; it is open. */
  check: string;
  running: string | undefined;
  onRetest: () => void;
}

/** One group of checks: how it stands, what was found, what was asked, and a button that tests it again. */
export function CheckGroup({ group, findings, checks, check, running, onRetest }: Props) {
  const { title, about } = said.groups[group.name];
  const isRunning = running === group.name;
  return (
    <li className={styles.group}>
      <div className={styles.head}>
        <div className={styles.name}>
          <h2>{title}</h2>
          <p className="muted">{about}</p>
        </div>
        <StatusBadge tone={TONES[group.state]}>{said.states[group.state]}</StatusBadge>
        <Button
          size="xs"
          variant="default"
          aria-label={said.retestOf(title)}
          loading={isRunning}
          disabled={running !== undefined && !isRunning}
          onClick={onRetest}
        >
          {said.retest}
        </Button>
      </div>
      {group.not_checked_because && <p className="muted">{said.whyNot[group.not_checked_because]}</p>}
      {findings.map((finding) => (
        <Finding
          key={`${finding.code} ${finding.subject}`}
          finding={finding}
          isLinked={finding.code === check}
          isRunning={running !== undefined}
          onRetest={onRetest}
        />
      ))}
      {checks.length > 0 && <Checks checks={checks} />}
    </li>
  );
}

function Checks({ checks }: { checks: DiagnosisCheck[] }) {
  return (
    <details className={styles.checks}>
      <summary>{said.checks(checks.length)}</summary>
      <ul>
        {checks.map((each) => (
          <li key={`${each.name} ${each.subject}`} data-ok={each.ok}>
            {each.ok ? <CheckIcon size={14} /> : <CrossIcon size={14} />}
            <span>
              {each.name} <span className="muted">{each.subject}</span>
              <span className="unseen"> {each.ok ? said.states.pass : said.states.fail}</span>
            </span>
            <span className="muted number">{said.took(count(each.duration_ms))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
