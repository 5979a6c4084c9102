import { Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { VacationResponder } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { zones } from "@/integrations/whatsapp/zones";
import { HtmlPreview } from "@/parts/HtmlPreview";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Notice } from "@/parts/Notice";
import { NumberField } from "@/parts/NumberField";
import { Section } from "@/parts/Section";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { TextPreview } from "@/parts/TextPreview";
import { toastDone } from "@/parts/toasts";
import { useMay, useMe } from "@/session/useMe";
import { words } from "@/words/auto_replies";
import { asSettings, checks, type VacationValues, valuesOf } from "./values";
import { ownZone } from "./zonedTime";

const PATH = "/api/v1/settings/email-accounts/{account_id}/vacation" as const;

/** Answers people who write to a mailbox while nobody is there. */
export default function VacationForm({ accountId, email }: { accountId: string; email: string }) {
  const responder = api.useQuery("get", PATH, { params: { path: { account_id: accountId } } });
  const me = useMe();
  const may = useMay("auto_replies:configure");
  return (
    <>
      {me && !may && <ReadOnly />}
      <Loaded query={responder}>
        {({ data }) => (
          <fieldset disabled={!may} className="plain">
            <Form responder={data} email={email} may={may} onSaved={() => void responder.refetch()} />
          </fieldset>
        )}
      </Loaded>
    </>
  );
}

interface Props {
  responder: VacationResponder;
  email: string;
  may: boolean;
  onSaved: () => void;
}

function Form({ responder, email, may, onSaved }: Props) {
  const [zone] = useState(ownZone);
  const { form, version, reset } = useServerForm<VacationValues>(
    { values: valuesOf(responder, zone), version: responder.version },
    { validate: checks },
  );
  const saving = useSaving<VacationValues>({
    form,
    version,
    save: (values, based) =>
      client.PUT(PATH, {
        params: { path: { account_id: responder.account_id } },
        headers: ifMatch(based),
        body: asSettings(values),
      }),
    onSaved: () => {
      toastDone(words.saved, "vacation");
      onSaved();
    },
  });
  const { content_html, content_text } = form.values;
  return (
    <FormFrame
      saving={saving}
      isDirty={form.isDirty()}
      action={words.save}
      onTakeTheirs={reset}
      isReadOnly={!may}
    >
      <Section title={words.title} about={words.about(email)} actions={<Badge responder={responder} />}>
        <Switch label={words.active} {...form.getInputProps("is_active", { type: "checkbox" })} />
        <div className="pairs">
          <TextInput
            type="datetime-local"
            label={words.starts}
            description={words.startsHint}
            {...form.getInputProps("starts_at")}
          />
          <TextInput
            type="datetime-local"
            label={words.ends}
            description={words.endsHint}
            {...form.getInputProps("ends_at")}
          />
          <Select
            label={words.zone}
            data={zones(form.values.zone)}
            searchable
            allowDeselect={false}
            limit={100}
            {...form.getInputProps("zone")}
          />
          <NumberField
            label={words.repeat}
            description={words.repeatHint}
            {...form.getInputProps("repeat_after_days")}
          />
        </div>
      </Section>
      <Section title={words.answer}>
        <TextInput label={words.subject} description={words.subjectHint} {...form.getInputProps("subject")} />
        <div className="pairs">
          <Textarea label={words.text} rows={6} {...form.getInputProps("content_text")} />
          <Textarea
            label={words.html}
            description={words.htmlHint}
            rows={5}
            spellCheck={false}
            {...form.getInputProps("content_html")}
          />
        </div>
        {content_html && <HtmlPreview html={content_html} label={words.preview} />}
        {!content_html && content_text && <TextPreview text={content_text} label={words.preview} />}
      </Section>
      <Notice tone="info" title={words.limitsTitle}>
        <ul className="list">
          {words.limits.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </Notice>
    </FormFrame>
  );
}

function Badge({ responder }: { responder: VacationResponder }) {
  const [tone, text] = badgeOf(responder, Date.now());
  return <StatusBadge tone={tone}>{text}</StatusBadge>;
}

function badgeOf(responder: VacationResponder, now: number): [Tone, string] {
  const { badges } = words;
  if (!responder.is_active) return ["neutral", badges.off];
  if (responder.starts_at && Date.parse(responder.starts_at) > now) return ["info", badges.waiting];
  if (responder.ends_at && Date.parse(responder.ends_at) <= now) return ["neutral", badges.over];
  return ["good", badges.on];
}
