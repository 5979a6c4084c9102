import { words } from "@/words/parts";
import { CheckIcon, CrossIcon, DotIcon } from "./icons";
import styles from "./TestResult.module.css";

export interface Check {
  /** What was tested, such as "Account". */
  name: string;
  /** Whether it works; undefined if it was not tested. */
  works: boolean | undefined;
  /** What the provider said, or what to do. */
  note?: string | undefined;
}

/** What a test of a connection found, one line for each thing that was tested. */
export function TestResult({ checks, seconds }: { checks: Check[]; seconds: number }) {
  return (
    <div className={styles.result}>
      <ul>
        {checks.map((check) => (
          <li key={check.name} data-works={check.works}>
            <Mark works={check.works} />
            <span>
              {check.name} <span className="muted">{said(check.works)}</span>
              {check.note && <span className={styles.note}>{check.note}</span>}
            </span>
          </li>
        ))}
      </ul>
      <p className="muted number">{words.test.took(seconds.toFixed(1))}</p>
    </div>
  );
}

function Mark({ works }: { works: boolean | undefined }) {
  if (works === undefined) return <DotIcon size={16} />;
  return works ? <CheckIcon size={16} /> : <CrossIcon size={16} />;
}

function said(works: boolean | undefined): string {
  if (works === undefined) return words.test.unknown;
  return works ? words.test.yes : words.test.no;
}
