import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "@/api/client";
import type { EmailTemplate } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_templates";
import { useReloadTemplates } from "./useReloadTemplates";

const said = words.remove;

/** Deletes a template, after asking. */
export function DeleteTemplate({ template }: { template: EmailTemplate }) {
  const [asks, setAsks] = useState(false);
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
        title={said.dialog(template.name)}
        action={said.action}
        isDangerous
        onConfirm={remove}
      >
        <p>{said.body}</p>
      </ConfirmDialog>
    </Section>
  );
}
