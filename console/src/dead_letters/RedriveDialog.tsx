import { Button, Modal, Progress } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RedriveResult } from "@/api/schema";
import { Loaded, SkeletonRows } from "@/parts/Loaded";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { count } from "@/parts/When";
import { words } from "@/words/dead_letters";
import { words as common } from "@/words/parts";
import { type Choice, redrive, tryRedrive } from "./choice";
import styles from "./Group.module.css";
import { refresh } from "./refresh";

/** Shows what redriving would do, and does it. */
export default function RedriveDialog({ choice, onClose }: { choice: Choice; onClose: () => void }) {
  const queries = useQueryClient();
  const [done, setDone] = useState<number>();
  const [problem, setProblem] = useState<unknown>();
  const trial = useQuery({
    queryKey: ["redrive", choice.what],
    queryFn: () => tryRedrive(choice),
    gcTime: 0,
    retry: false,
  });
  const busy = done !== undefined && problem === undefined;
  const confirm = async () => {
    setDone(0);
    setProblem(undefined);
    try {
      toastDone(words.redriving.done(await redrive(choice, setDone)), "dead letters");
      onClose();
    } catch (error) {
      setProblem(error);
    }
    await refresh(queries);
  };
  return (
    <Modal opened onClose={onClose} title={words.redriving.title(choice.count)}>
      <div className="stack">
        <Loaded query={trial} skeleton={<SkeletonRows rows={2} />}>
          {(result) => <Expected result={result} all={choice.count} />}
        </Loaded>
        <p className="muted">{words.redriving.safe}</p>
        {busy && choice.count > 1 && <Progressing done={done} all={choice.count} />}
        {problem !== undefined && <Problem error={problem} />}
        {problem !== undefined && !!done && <Notice tone="info" title={words.redriving.partly(done)} />}
        <div className="line">
          <Button loading={busy} disabled={trial.data === undefined} onClick={confirm}>
            {words.redriving.action(choice.count)}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** What would happen, each effect with how many have it. */
function Expected({ result, all }: { result: RedriveResult; all: number }) {
  const effects = new Map<string, number>();
  for (const { sentence } of result.outcomes) effects.set(sentence, (effects.get(sentence) ?? 0) + 1);
  return (
    <div>
      <strong>{words.redriving.expected}</strong>
      <ul className={styles.outcomes}>
        {[...effects].map(([sentence, many]) => (
          <li key={sentence}>
            <span className={`${styles.many} number`}>{count(many)}</span>
            <span>{sentence}</span>
          </li>
        ))}
      </ul>
      {result.remaining > 0 && (
        <p className="muted">{words.redriving.firstOnly(result.outcomes.length, all)}</p>
      )}
    </div>
  );
}

function Progressing({ done, all }: { done: number; all: number }) {
  const text = words.redriving.progress(done, all);
  return (
    <div>
      <output>{text}</output>
      <Progress value={(100 * done) / all} aria-label={text} />
    </div>
  );
}
