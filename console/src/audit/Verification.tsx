import { Button, Progress } from "@mantine/core";
import type { AuditVerification } from "@/api/schema";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { ago, count, useNow } from "@/parts/When";
import { words } from "@/words/audit";
import { useVerification } from "./useVerification";

const said = words.verify;

/** Verifies that nobody has changed the log, and shows how far it has come. */
export function Verification() {
  const { found, isRunning, problem, start, stop } = useVerification();
  const action = isRunning ? (
    <Button variant="default" size="xs" onClick={stop}>
      {said.stop}
    </Button>
  ) : (
    <Button variant="default" size="xs" onClick={() => void start()}>
      {said.button}
    </Button>
  );
  return (
    <Section title={said.title} about={said.about} actions={action}>
      {problem ? <Problem error={problem} onRetry={() => void start()} /> : null}
      {isRunning && <Running found={found} />}
      {!isRunning && found && <Result found={found} />}
      {!isRunning && !found && !problem && <p className="muted">{said.never}</p>}
    </Section>
  );
}

function Running({ found }: { found: AuditVerification | undefined }) {
  const [checked, total] = [found?.checked ?? 0, found?.total ?? 0];
  return (
    <>
      <Progress value={total ? (100 * checked) / total : 0} aria-label={said.progress} />
      <p className="number" aria-live="polite">
        {said.running(count(checked), count(total))}
      </p>
    </>
  );
}

function Result({ found }: { found: AuditVerification }) {
  const now = useNow();
  if (!found.valid) {
    return (
      <Notice tone="bad" live="alert" title={said.bad(count(found.first_bad_sequence ?? 0))}>
        <p>{found.reason}</p>
        <p>{said.badWhy}</p>
      </Notice>
    );
  }
  // Stopped half-way, it says how far it came.
  if (found.next_cursor)
    return <p className="number">{said.running(count(found.checked), count(found.total))}</p>;
  if (!found.checked_through) return <Notice tone="good" live="status" title={said.goodEmpty} />;
  return (
    <Notice tone="good" live="status" title={said.good(timeOf(found.checked_through, now))}>
      <p className="muted">{found.checked === 1 ? said.oneEntry : said.goodWhy(count(found.checked))}</p>
    </Notice>
  );
}

/** Return the time of day of the newest entry, with its day if that is not today. */
function timeOf(at: string, now: Date): string {
  const instant = new Date(at);
  const anHourLater = new Date(Math.max(now.getTime(), instant.getTime() + 3_600_000));
  return ago(instant, anHourLater);
}
