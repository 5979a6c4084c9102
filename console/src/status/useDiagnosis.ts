import { useCallback, useEffect, useRef, useState } from "react";
import { client } from "@/api/client";
import type { Diagnosis, DiagnosisGroup } from "@/api/schema";

export type GroupName = DiagnosisGroup["name"];

export interface Examination {
  report: Diagnosis | undefined;
  /** The group that is being tested again, "all" during a whole run, undefined when nothing runs. */
  running: GroupName | "all" | undefined;
  problem: unknown;
  run: (group?: GroupName) => Promise<void>;
}

/**
 * Return the diagnosis, which begins when the page opens, and how to run it again, whole or one group.
 *
 * It is kept out of the query cache: a run asks real servers, so that no live change may start one.
 */
export function useDiagnosis(): Examination {
  const [report, setReport] = useState<Diagnosis>();
  const [running, setRunning] = useState<GroupName | "all">();
  const [problem, setProblem] = useState<unknown>();
  const isBusy = useRef(false);
  const run = useCallback(async (group?: GroupName) => {
    if (isBusy.current) return;
    isBusy.current = true;
    setRunning(group ?? "all");
    setProblem(undefined);
    const query = group ? { group } : {};
    await client
      .GET("/api/v1/settings/diagnostics", { params: { query } })
      .then(({ data }) => data && setReport((former) => merged(former, data.data, group)), setProblem);
    isBusy.current = false;
    setRunning(undefined);
  }, []);
  useEffect(() => void run(), [run]);
  return { report, running, problem, run };
}

/** Return the former report with what a test of one group has found since. */
function merged(former: Diagnosis | undefined, found: Diagnosis, group?: GroupName): Diagnosis {
  if (!former || !group) return found;
  const others = <T extends { group: string }>(all: T[]) => all.filter((each) => each.group !== group);
  const fresh = found.groups.find((each) => each.name === group);
  const findings = [...others(former.findings), ...found.findings];
  return {
    checked_at: found.checked_at,
    healthy: findings.every((each) => each.severity === "note"),
    findings,
    checks: [...others(former.checks), ...found.checks],
    groups: former.groups.map((each) => (each.name === group && fresh ? fresh : each)),
  };
}
