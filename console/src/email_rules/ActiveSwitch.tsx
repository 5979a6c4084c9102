import { Switch } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import type { ListedEmailRule } from "@/api/schema";
import { words } from "@/words/email_rules";
import { useReloadRules } from "./useReloadRules";

interface Props {
  rule: ListedEmailRule;
  may: boolean;
  onProblem: (problem: unknown) => void;
}

/** Switches a rule on or off; it shows what the server has. */
export function ActiveSwitch({ rule, may, onProblem }: Props) {
  const [busy, setBusy] = useState(false);
  const reload = useReloadRules();
  const turn = async (isActive: boolean) => {
    setBusy(true);
    onProblem(undefined);
    await client
      .PATCH("/api/v1/settings/email-rules/{rule_id}", {
        params: { path: { rule_id: rule.id } },
        body: { is_active: isActive },
      })
      .catch(onProblem);
    await reload();
    setBusy(false);
  };
  return (
    <Switch
      aria-label={words.turn(rule.name)}
      checked={rule.is_active}
      disabled={!may || busy}
      onChange={(event) => void turn(event.currentTarget.checked)}
    />
  );
}
