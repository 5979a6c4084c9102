import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "@/api/client";
import type { EmailRule } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_rules";
import { useReloadRules } from "./useReloadRules";

const said = words.remove;

/** Deletes a rule, after asking. */
export function DeleteRule({ rule }: { rule: EmailRule }) {
  const [asks, setAsks] = useState(false);
  const navigate = useNavigate();
  const reload = useReloadRules();
  const remove = async () => {
    await client.DELETE("/api/v1/settings/email-rules/{rule_id}", {
      params: { path: { rule_id: rule.id } },
    });
    toastDone(said.done(rule.name), "rule");
    await navigate({ to: "/settings/rules" });
    void reload();
  };
  return (
    <Section
      title={said.title}
      about={said.about}
      actions={
        <Button color="red.9" onClick={() => setAsks(true)}>
          {said.action}
        </Button>
      }
    >
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={said.dialog(rule.name)}
        action={said.action}
        isDangerous
        onConfirm={remove}
      >
        <p>{said.body}</p>
      </ConfirmDialog>
    </Section>
  );
}
