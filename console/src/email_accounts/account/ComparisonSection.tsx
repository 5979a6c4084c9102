import { Button } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import type { EmailAccount, FolderComparison, MailboxComparison } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { StatusBadge } from "@/parts/StatusBadge";
import { count } from "@/parts/When";
import { words } from "@/words/email_accounts";

const said = words.comparison;

/** Compares what the mail server has with what is stored, when somebody asks. */
export function ComparisonSection({ account }: { account: EmailAccount }) {
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<MailboxComparison>();
  const [problem, setProblem] = useState<unknown>();
  const compare = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { data } = await client.GET("/api/v1/settings/email-accounts/{account_id}/comparison", {
        params: { path: { account_id: account.id } },
      });
      setFound(data?.data);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return (
    <Section
      title={said.title}
      about={said.about}
      actions={
        <Button variant="default" loading={busy} onClick={compare}>
          {said.action}
        </Button>
      }
    >
      {problem ? <Problem error={problem} /> : null}
      {found && <Found comparison={found} />}
    </Section>
  );
}

function Found({ comparison }: { comparison: MailboxComparison }) {
  return (
    <>
      {comparison.is_complete ? (
        <Notice tone="good" title={said.complete} live="status" />
      ) : (
        <Notice tone="warn" title={said.incomplete} live="status">
          <p>{said.incompleteFix}</p>
        </Notice>
      )}
      <DataTable
        caption={said.caption}
        columns={COLUMNS}
        rows={comparison.folders}
        rowKey={(folder) => folder.name}
      />
    </>
  );
}

const number = (title: string, of: (folder: FolderComparison) => number): Column<FolderComparison> => ({
  title,
  align: "end",
  cell: (folder) => <span className="number">{count(of(folder))}</span>,
});

const COLUMNS: Column<FolderComparison>[] = [
  { title: words.folders.name, cell: (folder) => <span className="break">{folder.name}</span> },
  number(said.onServer, (folder) => folder.on_server),
  number(said.stored, (folder) => folder.stored),
  number(said.missing, (folder) => folder.missing),
  number(said.unfiled, (folder) => folder.unfiled),
  number(said.notVisible, (folder) => folder.not_visible),
  {
    title: said.result,
    cell: (folder) => (
      <span>
        <StatusBadge tone={folder.is_complete ? "good" : "warn"}>
          {folder.is_complete ? said.isComplete : said.isIncomplete}
        </StatusBadge>{" "}
        {folder.problem} {folder.renamed_to && words.folders.renamed(folder.renamed_to)}
      </span>
    ),
  },
];
