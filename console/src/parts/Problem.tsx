import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Failure, failureOf } from "@/api/failure";
import { words } from "@/words/failures";
import { CopyButton } from "./CopyButton";
import { Notice } from "./Notice";
import styles from "./Problem.module.css";

/** Details that only a program needs; everything else is evidence. */
const HIDDEN = new Set([
  "field",
  "reason",
  "check",
  "retry_after_s",
  "version",
  "changed_at",
  "changed_by",
  "cause",
  "fix",
]);

/** Failures that the diagnosis can say more about. */
const DIAGNOSABLE =
  /^(provider_|wrong_region|unavailable|database_|key_missing|wrong_key|not_configured|mailbox_check)/;

/**
 * What went wrong: the API's sentence, what to do, the evidence, the request id, and a way on.
 *
 * `details.fix`, where the API gives one, is the advice; otherwise the code's own.
 */
export function Problem({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const failure = failureOf(error);
  const advice = failure.text("fix") ?? words.advice[failure.code];
  return (
    <Notice tone="bad" title={title ?? words.heading} live="alert">
      <p>{failure.error}</p>
      {advice && <p className="muted">{advice}</p>}
      <Evidence failure={failure} />
      {(onRetry || DIAGNOSABLE.test(failure.code)) && (
        <div className="line">
          {onRetry && (
            <Button size="xs" variant="default" onClick={onRetry}>
              {words.again}
            </Button>
          )}
          {DIAGNOSABLE.test(failure.code) && <Link to="/operations/diagnostics">{words.diagnostics}</Link>}
        </div>
      )}
    </Notice>
  );
}

/** What the provider said, and the request id, folded. */
export function Evidence({ failure }: { failure: Failure }) {
  const shown = Object.entries(failure.details).filter(
    ([name, value]) => !HIDDEN.has(name) && value !== null,
  );
  if (shown.length === 0 && !failure.request_id) return null;
  return (
    <details className={styles.evidence}>
      <summary>{words.evidence}</summary>
      <dl>
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === "object" ? JSON.stringify(value) : String(value)}</dd>
          </div>
        ))}
        {failure.request_id && (
          <div>
            <dt>{words.requestId}</dt>
            <dd>
              {failure.request_id} <CopyButton text={failure.request_id} what={words.requestId} />
            </dd>
          </div>
        )}
      </dl>
    </details>
  );
}
