import { Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { EmailTemplate, NewEmailTemplate } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_templates";
import { useReloadTemplates } from "./useReloadTemplates";

type Values = { name: string; subject: string; content_text: string; content_html: string };

const { required } = words;
const filled = (sentence: string) => (value: string) => (value.trim() ? null : sentence);

/** The texts of a template, new or stored. */
export function TemplateForm({ template, may }: { template?: EmailTemplate; may: boolean }) {
  const { form, version, reset } = useServerForm<Values>(
    { values: valuesOf(template), version: template?.version },
    {
      validate: {
        name: filled(required.name),
        subject: filled(required.subject),
        content_text: (text, values) => (text.trim() || values.content_html.trim() ? null : required.content),
      },
    },
  );
  const reload = useReloadTemplates();
  const navigate = useNavigate();
  const added = useRef<string>(undefined);
  const saving = useSaving<Values>({
    form,
    version,
    save: async (values, based) => {
      added.current = await save(template?.id, asTemplate(values), based);
    },
    onSaved: () => {
      toastDone(words.saved, "template");
      void reload();
      if (!template) void navigate({ to: `/settings/templates/${added.current}` as string, replace: true });
    },
  });
  return (
    <fieldset disabled={!may} className="plain">
      <FormFrame
        saving={saving}
        isDirty={form.isDirty()}
        action={words.save}
        onTakeTheirs={reset}
        isReadOnly={!may}
      >
        <Section title={words.template} about={words.variablesHint}>
          <div className="pairs">
            <TextInput label={words.name} description={words.nameHint} {...form.getInputProps("name")} />
            <TextInput label={words.subject} {...form.getInputProps("subject")} />
          </div>
          <div className="pairs">
            <Textarea label={words.text} rows={8} {...form.getInputProps("content_text")} />
            <Textarea
              label={words.html}
              description={words.htmlHint}
              rows={7}
              spellCheck={false}
              {...form.getInputProps("content_html")}
            />
          </div>
        </Section>
      </FormFrame>
    </fieldset>
  );
}

function valuesOf(template: EmailTemplate | undefined): Values {
  return {
    name: template?.name ?? "",
    subject: template?.subject ?? "",
    content_text: template?.content_text ?? "",
    content_html: template?.content_html ?? "",
  };
}

function asTemplate(values: Values): NewEmailTemplate {
  return {
    name: values.name.trim(),
    subject: values.subject.trim(),
    content_text: values.content_text || null,
    content_html: values.content_html || null,
  };
}

async function save(id: string | undefined, body: NewEmailTemplate, based: string | undefined) {
  if (!id) {
    const { data } = await client.POST("/api/v1/settings/email-templates", { body });
    return data?.data.id;
  }
  await client.PATCH("/api/v1/settings/email-templates/{template_id}", {
    params: { path: { template_id: id } },
    headers: ifMatch(based),
    body,
  });
  return id;
}
