import { Button } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import { failureOf } from "@/api/failure";
import { useReload } from "@/api/useReload";
import { Problem } from "@/parts/Problem";
import { toastDone, toastFailed } from "@/parts/toasts";
import { useMay } from "@/session/useMe";
import { words } from "@/words/phone_numbers";
import { NUMBERS } from "./paths";

/** Fetches the numbers from Exotel; shows why that failed below the button. Only for those who may. */
export function SyncButton({ label = words.sync, isMain = false }: { label?: string; isMain?: boolean }) {
  const may = useMay("phone_numbers:configure");
  const reload = useReload();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  if (!may) return null;
  const sync = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const path = { type: "exotel_phone" as const };
      const answer = await client.POST("/api/v1/settings/integrations/{type}/sync", { params: { path } });
      const found = answer.data?.data;
      if (found) toastDone(words.synced(found.synced_numbers, found.new_numbers), "numbers");
    } catch (error) {
      setProblem(error);
      toastFailed(failureOf(error).error, "numbers");
    }
    await reload(NUMBERS, "/api/v1/settings/audit-logs");
    setBusy(false);
  };
  return (
    <div className="stack">
      <div>
        <Button variant={isMain ? "filled" : "default"} loading={busy} onClick={sync}>
          {label}
        </Button>
      </div>
      {problem ? <Problem error={problem} title={words.syncFailed} /> : null}
    </div>
  );
}
