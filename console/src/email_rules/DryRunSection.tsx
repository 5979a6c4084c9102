import { Button, Select } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import type { DryRunMatch, DryRunResult, NewEmailRule } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { When } from "@/parts/When";
import { words } from "@/words/email_rules";
import { conditionSentence } from "./sentences";
import type { Names } from "./useNames";

const said = words.trial;
const DAYS = Object.entries(said.dayChoices).map(([value, label]) => ({ value, label }));

interface Props {
  /** The rule as it is typed; it needs not be saved. */
  rule: () => NewEmailRule;
  names: Names;
  /** Marks what is missing, and says whether the rule is complete. */
  isReady: () => boolean;
}

/** Tries the rule on past messages: for which it would have fired, and why. */
export function DryRunSection({ rule, names, isReady }: Props) {
  const [days, setDays] = useState("7");
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<DryRunResult>();
  const [problem, setProblem] = useState<unknown>();
  const run = async () => {
    if (!isReady()) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const { data } = await client.POST("/api/v1/settings/email-rules/dry-run", {
        // A rule or the id of a saved one: the generated type demands both.
        body: { rule: rule(), days: Number(days) } as never,
      });
      setFound(data?.data);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return (
    <Section title={said.title} about={said.about}>
      <div className="line">
        <Select
          aria-label={said.days}
          data={DAYS}
          value={days}
          allowDeselect={false}
          onChange={(chosen) => setDays(chosen ?? days)}
        />
        <Button variant="default" loading={busy} onClick={run}>
          {said.action}
        </Button>
      </div>
      {problem ? <Problem error={problem} /> : null}
      {found && <Found found={found} names={names} />}
    </Section>
  );
}

function Found({ found, names }: { found: DryRunResult; names: Names }) {
  const isEmpty = found.examined === 0;
  return (
    <>
      <Notice
        tone="info"
        title={isEmpty ? said.nothing : said.found(found.examined, found.match_count)}
        live="status"
      >
        {!found.is_complete && <p>{said.incomplete}</p>}
        {found.match_count > found.matches.length && <p>{said.shown(found.matches.length)}</p>}
      </Notice>
      {found.matches.length > 0 && (
        <DataTable
          caption={said.caption}
          columns={columnsOf(names)}
          rows={found.matches}
          rowKey={(each) => each.message_id}
        />
      )}
    </>
  );
}

function columnsOf(names: Names): Column<DryRunMatch>[] {
  return [
    { title: said.columns.at, cell: (mail) => <When at={mail.occurred_at} /> },
    { title: said.columns.from, cell: (mail) => <span className="break">{mail.sender}</span> },
    { title: said.columns.subject, cell: (mail) => <span className="break">{mail.subject}</span> },
    { title: said.columns.why, cell: (mail) => <Why mail={mail} names={names} /> },
  ];
}

function Why({ mail, names }: { mail: DryRunMatch; names: Names }) {
  const reasons = mail.matched.map((each) => said.saw(conditionSentence(each.condition, names), each.saw));
  return (
    <div>
      {reasons.length === 0 && said.everything}
      {reasons.map((reason) => (
        <p key={reason} className="break">
          {reason}
        </p>
      ))}
    </div>
  );
}
