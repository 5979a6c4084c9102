import { Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { RotationPart, RotationProgress } from "@/api/schema";
import { DataTable } from "@/parts/DataTable";
import { Notice } from "@/parts/Notice";
import { Section } from "@/parts/Section";
import { count, When } from "@/parts/When";
import { words } from "@/words/maintenance";
import styles from "./Encryption.module.css";

/** How a rotation stands: its result or its progress, and the same by place. */
export function Standing({ rotation }: { rotation: RotationProgress }) {
  return (
    <>
      {rotation.finished_at ? <Result rotation={rotation} /> : <Running rotation={rotation} />}
      <dl className={styles.times}>
        <dt>{words.begun}</dt>
        <dd>
          <When at={rotation.started_at} />
        </dd>
        {rotation.finished_at && (
          <>
            <dt>{words.finished}</dt>
            <dd>
              <When at={rotation.finished_at} />
            </dd>
          </>
        )}
        {rotation.key_id && (
          <>
            <dt>{words.key}</dt>
            <dd>
              <code>{rotation.key_id}</code>
            </dd>
          </>
        )}
      </dl>
      {rotation.parts.length > 0 && <Parts parts={rotation.parts} />}
    </>
  );
}

function Result({ rotation }: { rotation: RotationProgress }) {
  if (rotation.unreadable === 0) return <Notice tone="good" live="status" title={words.done.title} />;
  return (
    <Notice tone="bad" live="status" title={words.done.failed(rotation.unreadable)}>
      <p>{words.done.failedWhy}</p>
    </Notice>
  );
}

function Running({ rotation }: { rotation: RotationProgress }) {
  const done = rotation.rewrapped + rotation.unreadable;
  const isCounted = rotation.parts.length > 0;
  return (
    <Section title={words.running.title} about={words.running.why}>
      <Progress
        value={isCounted ? (100 * done) / Math.max(1, rotation.total) : 0}
        aria-label={words.progressLabel}
      />
      <p className="number" aria-live="polite">
        {isCounted ? words.progress(count(done), count(rotation.total)) : words.counting}
      </p>
      {rotation.last_error && (
        <Notice tone="warn" title={words.stopped}>
          <p>{rotation.last_error}</p>
          <p className="muted">{words.stoppedWhy}</p>
          <Link to={"/operations/diagnostics" as never} search={{ check: "encryption_wrong_key" } as never}>
            {words.diagnostics}
          </Link>
        </Notice>
      )}
    </Section>
  );
}

function Parts({ parts }: { parts: RotationPart[] }) {
  return (
    <DataTable
      caption={words.partsTitle}
      rows={parts}
      rowKey={(part) => part.name}
      columns={[
        { title: words.columns.part, cell: (part) => words.parts[part.name] },
        { title: words.columns.total, align: "end", cell: (part) => count(part.total) },
        { title: words.columns.done, align: "end", cell: (part) => count(part.rewrapped) },
        { title: words.columns.unreadable, align: "end", cell: (part) => count(part.unreadable) },
      ]}
    />
  );
}
