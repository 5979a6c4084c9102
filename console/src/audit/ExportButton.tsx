import { Button } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import { DownloadIcon } from "@/parts/icons";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { count } from "@/parts/When";
import { words } from "@/words/audit";
import type { Filters } from "./useFilters";

const said = words.export;

/** Saves the entries that the filters choose as one CSV file, however many answers of the API that takes. */
export function ExportButton({ query }: { query: Filters }) {
  const [done, setDone] = useState<number>();
  const [problem, setProblem] = useState<unknown>();
  const save = async () => {
    setDone(0);
    setProblem(undefined);
    await exported(query, setDone).then((file) => {
      download(file);
      toastDone(said.done, "export");
    }, setProblem);
    setDone(undefined);
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<DownloadIcon size={16} />}
        disabled={done !== undefined}
        onClick={save}
      >
        {done === undefined ? said.button : said.running(count(done))}
      </Button>
      {problem ? <Problem error={problem} onRetry={save} /> : null}
    </>
  );
}

/** Return the file's pieces, without the header of all but the first; `report` is given the number of lines so far. */
async function exported(query: Filters, report: (lines: number) => void): Promise<string[]> {
  const pieces: string[] = [];
  let lines = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const asked = cursor ? { ...query, cursor } : query;
    const { data, response } = await client.GET("/api/v1/settings/audit-logs/export", {
      params: { query: asked },
      parseAs: "text",
    });
    const text = String(data);
    pieces.push(cursor ? text.slice(text.indexOf("\n") + 1) : text);
    lines += text.split("\n").length - 2;
    report(lines);
    cursor = response.headers.get("X-Next-Cursor");
  }
  return pieces;
}

function download(pieces: string[]): void {
  const address = URL.createObjectURL(new Blob(pieces, { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = said.file;
  link.click();
  URL.revokeObjectURL(address);
}
