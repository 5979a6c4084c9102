import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/api/client";
import type { WebhookEventDetail, WebhookReplayResult } from "@/api/schema";
import { DataTable } from "@/parts/DataTable";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { useMay } from "@/session/useMe";
import { words } from "@/words/webhooks";

const said = words.replay;

/** Applying a callback again: the difference first, then the change. */
export function Replay({ event }: { event: WebhookEventDetail }) {
  const may = useMay("webhooks:replay");
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<WebhookReplayResult>();
  const [problem, setProblem] = useState<unknown>();
  const run = async (dry_run: boolean) => {
    setBusy(true);
    setProblem(undefined);
    const options = { params: { path: { event_id: event.id } }, body: { dry_run } };
    try {
      const { data } = await client.POST("/api/v1/settings/webhook-events/{event_id}/replay", options);
      setResult(data?.data);
      if (!dry_run) {
        toastDone(said.done, "replay");
        await queries.invalidateQueries();
      }
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={said.title} about={may ? said.about : said.onlyAdmins}>
      {may && (
        <div className="line">
          <Button variant="default" loading={busy} onClick={() => run(true)}>
            {said.look}
          </Button>
        </div>
      )}
      {problem ? <Problem error={problem} /> : null}
      {result && <Result result={result} onApply={() => run(false)} busy={busy} />}
    </Section>
  );
}

interface ResultProps {
  result: WebhookReplayResult;
  busy: boolean;
  onApply: () => void;
}

function Result({ result, busy, onApply }: ResultProps) {
  const { differences } = result;
  if (!result.dry_run) {
    return (
      <Notice tone="good" title={said.done} live="status">
        <p>{said.doneWhy(differences.length)}</p>
      </Notice>
    );
  }
  if (differences.length === 0 && !result.is_partial) {
    return (
      <Notice tone="info" title={said.nothing} live="status">
        <p>{said.nothingWhy}</p>
      </Notice>
    );
  }
  return (
    <>
      <Notice tone="info" title={said.wouldChange(differences.length)} live="status">
        {result.is_partial && <p>{said.partial}</p>}
      </Notice>
      <DataTable
        caption={said.wouldChange(differences.length)}
        rows={differences.map((difference, place) => ({ ...difference, key: String(place) }))}
        rowKey={(difference) => difference.key}
        columns={[
          { title: said.columns.what, cell: (difference) => said.whats[difference.what] ?? difference.what },
          { title: said.columns.before, cell: (difference) => difference.before ?? said.absent },
          { title: said.columns.after, cell: (difference) => difference.after ?? said.absent },
        ]}
      />
      <div className="line">
        <Button loading={busy} onClick={onApply}>
          {said.apply}
        </Button>
        <span className="muted">{said.promise}</span>
      </div>
    </>
  );
}
