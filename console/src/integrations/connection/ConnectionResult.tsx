import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Failure } from "@/api/failure";
import { Notice } from "@/parts/Notice";
import { Evidence } from "@/parts/Problem";
import { TestResult } from "@/parts/TestResult";
import { words as failureWords } from "@/words/failures";
import { words } from "@/words/integrations";
import styles from "./ConnectionResult.module.css";
import { type Fact, isOfProvider, type Outcome } from "./checks";

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
        {outcome.facts && outcome.facts.length > 0 && <Facts facts={outcome.facts} />}
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
  const facts = [
    { name: words.result.cause, value: cause },
    { name: words.result.fix, value: fix },
  ];
  return <Facts facts={facts.filter((fact): fact is Fact => Boolean(fact.value))} />;
}

function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
