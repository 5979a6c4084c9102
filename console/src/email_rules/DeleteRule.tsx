import { useNavigate } from "@tanstack/react-router";
import { client } from "@/api/client";
import type { EmailRule } from "@/api/schema";
import { DeleteSection } from "@/parts/DeleteSection";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_rules";
import { useReloadRules } from "./useReloadRules";

const said = words.remove;

/** Deletes a rule, after asking. */
export function DeleteRule({ rule }: { rule: EmailRule }) {
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
    <DeleteSection
      title={said.title}
      about={said.about}
      action={said.action}
      question={said.dialog(rule.name)}
      onDelete={remove}
    >
      <p>{said.body}</p>
    </DeleteSection>
  );
}
