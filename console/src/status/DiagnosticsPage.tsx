import { Button, Loader } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import type { Diagnosis } from "@/api/schema";
import { Later, SkeletonRows } from "@/parts/Loaded";
import { Notice } from "@/parts/Notice";
import { Page } from "@/parts/Page";
import { Problem } from "@/parts/Problem";
import { When } from "@/parts/When";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/status";
import { CheckGroup } from "./CheckGroup";
import styles from "./Diagnostics.module.css";
import { reportOf } from "./report";
import { useDiagnosis } from "./useDiagnosis";

const said = words.diagnostics;

/** The doctor: every group of checks with its state; what is wrong opens to evidence, cause and fix. */
export default function DiagnosticsPage() {
  const { report, running, problem, run } = useDiagnosis();
  const [check] = useQueryText("check");
  return (
    <Page
      title={said.title}
      about={said.about}
      actions={
        <>
          {report && <CopyReport report={report} />}
          <Button loading={running === "all"} onClick={() => void run()}>
            {said.run}
          </Button>
        </>
      }
    >
      {running === "all" && <Running />}
      {problem ? <Problem error={problem} onRetry={() => void run()} /> : null}
      {report ? <Report report={report} check={check} running={running} run={run} /> : <Waiting />}
    </Page>
  );
}

function Report({
  report,
  check,
  running,
  run,
}: { report: Diagnosis; check: string } & Pick<ReturnType<typeof useDiagnosis>, "running" | "run">) {
  const isMissing = check !== "" && !report.findings.some((each) => each.code === check);
  return (
    <>
      <Summary report={report} />
      {isMissing && (
        <Notice tone="info" title={said.notFoundTitle(check)}>
          <p>{said.notFound}</p>
        </Notice>
      )}
      <ul className={styles.groups}>
        {report.groups.map((group) => (
          <CheckGroup
            key={group.name}
            group={group}
            findings={report.findings.filter((each) => each.group === group.name)}
            checks={report.checks.filter((each) => each.group === group.name)}
            check={check}
            running={running}
            onRetest={() => void run(group.name)}
          />
        ))}
      </ul>
    </>
  );
}

function Summary({ report }: { report: Diagnosis }) {
  const problems = report.findings.filter((each) => each.severity === "error").length;
  const warnings = report.findings.filter((each) => each.severity === "warning").length;
  const tone = problems ? "bad" : warnings ? "warn" : "good";
  return (
    <Notice tone={tone} live="status" title={report.healthy ? said.healthy : said.found(problems, warnings)}>
      <p className="muted">
        {!report.healthy && `${said.foundExplained} `}
        {said.checked} <When at={report.checked_at} />
      </p>
    </Notice>
  );
}

function Running() {
  return (
    <output className="line">
      <Loader size="xs" />
      <span className="muted">{said.running}</span>
    </output>
  );
}

function Waiting() {
  return (
    <Later>
      <SkeletonRows rows={8} />
    </Later>
  );
}

function CopyReport({ report }: { report: Diagnosis }) {
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <Button variant="default" onClick={() => clipboard.copy(reportOf(report))}>
      {clipboard.copied ? said.copied : said.copy}
    </Button>
  );
}
