import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Failure } from "@/api/failure";
import { Notice } from "@/parts/Notice";
import { Evidence } from "@/parts/Problem";
import { TestResult } from "@/parts/TestResult";
import { words as failureWords } from "@/words/failures";
import { words } from "@/words/integrations";
import styles from "./ConnectionResult.module.css";
import { isOfProvider, type Outcome } from "./checks";

interface Props {
  outcome: Outcome;
  isStale?: boolean;
  /** Saves in spite of the failure, where that is possible. */
  onSaveAnyway?: () => void;
}

/** What a connection test found: each step, and for a failure its cause, what to do, and a way on. */
export function ConnectionResult({ outcome, isStale = false, onSaveAnyway }: Props) {
  const { failure } = outcome;
  const title = !failure ? words.result.passed : outcome.isSaved ? words.result.savedAnyway : failure.error;
  return (
    <section aria-label={words.result.title}>
      <Notice tone={!failure ? "good" : outcome.isSaved ? "warn" : "bad"} title={title}>
        {failure && <Advice failure={failure} />}
        {outcome.checks.length > 0 && <TestResult checks={outcome.checks} seconds={outcome.seconds} />}
        {isStale && <p className="muted">{words.result.stale}</p>}
        {failure && <Evidence failure={failure} />}
        {failure && isOfProvider(failure) && (
          <div className="line">
            {onSaveAnyway && (
              <Button size="xs" variant="default" onClick={onSaveAnyway}>
                {words.result.saveAnyway}
              </Button>
            )}
            <Link to="/operations/diagnostics">{words.result.diagnostics}</Link>
          </div>
        )}
        {failure && isOfProvider(failure) && onSaveAnyway && (
          <p className="muted">{words.result.saveAnywayAbout}</p>
        )}
      </Notice>
    </section>
  );
}

function Advice({ failure }: { failure: Failure }) {
  const cause = failure.text("cause");
  const fix = failure.text("fix") ?? failureWords.advice[failure.code];
  return (
    <dl className={styles.advice}>
      {cause && (
        <div>
          <dt>{words.result.cause}</dt>
          <dd>{cause}</dd>
        </div>
      )}
      {fix && (
        <div>
          <dt>{words.result.fix}</dt>
          <dd>{fix}</dd>
        </div>
      )}
    </dl>
  );
}
