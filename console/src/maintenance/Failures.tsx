import { DataTable } from "@/parts/DataTable";
import { Section } from "@/parts/Section";
import { words } from "@/words/maintenance";

/** The secrets that could not be opened, as the rotation names them: a place and an id. */
export function Failures({ rows }: { rows: string[] }) {
  if (rows.length === 0) return null;
  return (
    <Section title={words.failures.title} about={words.failures.about}>
      <DataTable
        caption={words.failures.listed}
        rows={rows}
        rowKey={(row) => row}
        columns={[
          { title: words.failures.place, cell: placeOf },
          { title: words.failures.id, cell: (row) => <code>{row.split(" ").slice(1).join(" ")}</code> },
        ]}
      />
    </Section>
  );
}

function placeOf(row: string): string {
  const name = row.split(" ")[0] ?? "";
  return (words.parts as Record<string, string>)[name] ?? name;
}
