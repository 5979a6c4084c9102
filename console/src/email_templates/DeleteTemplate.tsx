import { useNavigate } from "@tanstack/react-router";
import { client } from "@/api/client";
import type { EmailTemplate } from "@/api/schema";
import { DeleteSection } from "@/parts/DeleteSection";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_templates";
import { useReloadTemplates } from "./useReloadTemplates";

const said = words.remove;

/** Deletes a template, after asking. */
export function DeleteTemplate({ template }: { template: EmailTemplate }) {
  const navigate = useNavigate();
  const reload = useReloadTemplates();
  const remove = async () => {
    await client.DELETE("/api/v1/settings/email-templates/{template_id}", {
      params: { path: { template_id: template.id } },
    });
    toastDone(said.done(template.name), "template");
    await navigate({ to: "/settings/templates" });
    void reload();
  };
  return (
    <DeleteSection
      title={said.title}
      about={said.about}
      action={said.action}
      question={said.dialog(template.name)}
      onDelete={remove}
    >
      <p>{said.body}</p>
    </DeleteSection>
  );
}
