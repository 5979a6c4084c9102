import { Switch, Textarea } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { Notice } from "@/parts/Notice";
import { Section } from "@/parts/Section";
import { words } from "@/words/integrations";
import type { Values } from "../values";
import { PhonePreview } from "./PhonePreview";
import styles from "./Replies.module.css";

const LONGEST = 4096;
const { replies } = words;

/** The automatic reply: its switch, both of its texts, and how they look on a phone. */
export function AutoReplyFields({ form }: { form: UseFormReturnType<Values> }) {
  const values = form.getValues();
  return (
    <Section title={replies.title} about={replies.about}>
      <Notice tone="info" title={replies.notYet} />
      <Switch label={replies.enable} {...form.getInputProps("auto_reply_enabled", { type: "checkbox" })} />
      {values.auto_reply_enabled && (
        <div className={styles.replies}>
          <div className="stack">
            <Reply name="auto_reply_message" label={replies.welcome} hint={replies.welcomeHint} form={form} />
            <Reply name="away_message" label={replies.away} hint={replies.awayHint} form={form} />
          </div>
          <PhonePreview
            business={values.business_name}
            welcome={values.auto_reply_message}
            away={values.away_message}
          />
        </div>
      )}
    </Section>
  );
}

interface ReplyProps {
  name: "auto_reply_message" | "away_message";
  label: string;
  hint: string;
  form: UseFormReturnType<Values>;
}

function Reply({ name, label, hint, form }: ReplyProps) {
  const used = form.getValues()[name].length;
  return (
    <Textarea
      label={label}
      description={`${hint} ${replies.counter(used, LONGEST)}`}
      inputWrapperOrder={["label", "input", "description", "error"]}
      rows={4}
      maxLength={LONGEST}
      {...form.getInputProps(name)}
    />
  );
}
