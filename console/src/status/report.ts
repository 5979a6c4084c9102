import type { Diagnosis } from "@/api/schema";
import { words } from "@/words/status";

const said = words.diagnostics;

/** Return the diagnosis as a text to paste into a mail. The server has masked every secret in it. */
export function reportOf(report: Diagnosis): string {
  const head = `${said.report.title}, ${said.report.checked} ${report.checked_at}`;
  const groups = report.groups.map((group) => {
    const why = group.not_checked_because ? ` (${said.whyNot[group.not_checked_because]})` : "";
    return `${said.groups[group.name].title}: ${said.states[group.state]}${why}`;
  });
  const findings = report.findings.map((each) =>
    [
      `[${said.severities[each.severity]}] ${each.code}: ${each.subject}`,
      each.symptom,
      `${said.evidence}: ${each.evidence}`,
      `${said.cause}: ${each.cause}`,
      `${said.fix}: ${each.fix}`,
    ].join("\n  "),
  );
  return [head, groups.join("\n"), ...(findings.length ? findings : [said.report.nothing])].join("\n\n");
}
