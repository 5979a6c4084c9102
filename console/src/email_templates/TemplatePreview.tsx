import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { client } from "@/api/client";
import type { EmailTemplate, PreviewedEmail } from "@/api/schema";
import { HtmlPreview } from "@/parts/HtmlPreview";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { TextPreview } from "@/parts/TextPreview";
import { words } from "@/words/email_templates";

const said = words.preview;

/** What a customer gets: the server fills the saved template in. */
export function TemplatePreview({ template }: { template: EmailTemplate }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [mail, setMail] = useState<PreviewedEmail>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const show = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      setMail(await previewed(template, values));
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return (
    <Section title={said.title} about={template.variables.length > 0 ? said.about : said.none}>
      <form className="stack" onSubmit={show}>
        <div className="pairs">
          {template.variables.map((name) => (
            <TextInput
              key={name}
              label={name}
              value={values[name] ?? ""}
              onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            />
          ))}
        </div>
        <div className="line">
          <Button type="submit" variant="default" loading={busy}>
            {said.action}
          </Button>
          <span className="muted">{said.stale}</span>
        </div>
      </form>
      {problem ? <Problem error={problem} /> : null}
      {mail && <Mail mail={mail} />}
    </Section>
  );
}

function Mail({ mail }: { mail: PreviewedEmail }) {
  return (
    <div className="stack">
      <p>
        <span className="muted">{said.subject}</span> <strong>{mail.subject}</strong>
      </p>
      <div className="pairs">
        {mail.content_html && <HtmlPreview html={mail.content_html} label={said.mail} />}
        <TextPreview text={mail.content_text} label={said.text} />
      </div>
    </div>
  );
}

async function previewed(template: EmailTemplate, values: Record<string, string>) {
  const variables = Object.fromEntries(template.variables.map((name) => [name, values[name] ?? ""]));
  const { data } = await client.POST("/api/v1/settings/email-templates/{template_id}/preview", {
    params: { path: { template_id: template.id } },
    body: { variables },
  });
  return data?.data;
}
