import { Textarea } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { HtmlPreview } from "@/parts/HtmlPreview";
import { Section } from "@/parts/Section";
import { TextPreview } from "@/parts/TextPreview";
import { words } from "@/words/email_accounts";
import type { AccountValues } from "./values";

const said = words.signature;

/** The signature in both forms, each with its preview. */
export function SignatureFields({ form }: { form: UseFormReturnType<AccountValues> }) {
  const { signature_html, signature_text } = form.values;
  return (
    <Section title={said.title} about={said.about}>
      <div className="pairs">
        <Textarea label={said.html} rows={4} spellCheck={false} {...form.getInputProps("signature_html")} />
        <Textarea label={said.text} rows={4} {...form.getInputProps("signature_text")} />
        {signature_html && <HtmlPreview html={signature_html} label={said.previewHtml} />}
        {signature_text && <TextPreview text={signature_text} label={said.previewText} />}
      </div>
      {(signature_html || signature_text) && <p className="muted">{said.note}</p>}
    </Section>
  );
}
