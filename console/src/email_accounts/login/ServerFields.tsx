import { NativeSelect, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useState } from "react";
import { NumberField } from "@/parts/NumberField";
import { SecretField } from "@/parts/SecretField";
import { words } from "@/words/email_accounts";
import styles from "./Login.module.css";
import { secretProps } from "./secretProps";
import { type LoginValues, SERVER_FIELDS } from "./values";

const { form: said } = words;
const SECURITIES = [
  { value: "starttls", label: said.starttls },
  { value: "tls", label: said.tls },
];

interface Props<Values extends LoginValues> {
  form: UseFormReturnType<Values>;
  about: string;
  /** Whether it is open from the start, as for a provider whose hosts nobody knows. */
  startsOpen: boolean;
  isStored?: boolean;
}

/** Hosts, ports and user names of both servers, folded; a field that is wrong unfolds them. */
export function ServerFields<Values extends LoginValues>({
  form,
  about,
  startsOpen,
  isStored,
}: Props<Values>) {
  const [open, setOpen] = useState(startsOpen);
  const isWrong = SERVER_FIELDS.some((name) => form.errors[name]);
  return (
    <details
      className={styles.server}
      open={open || isWrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{said.server}</summary>
      <div className="stack">
        <p className="muted">{about}</p>
        <Half form={form} half="smtp" security="smtp_secure" label={said.smtpOf} />
        <Half form={form} half="imap" security="imap_tls" label={said.imapOf} />
        <SecretField
          label={said.imapPassword}
          description={said.imapPasswordHint}
          isStored={Boolean(isStored)}
          {...secretProps(form, "imap_password")}
        />
      </div>
    </details>
  );
}

interface HalfProps<Values extends LoginValues> {
  form: UseFormReturnType<Values>;
  half: "smtp" | "imap";
  security: "smtp_secure" | "imap_tls";
  label: (name: string) => string;
}

function Half<Values extends LoginValues>({ form, half, security, label }: HalfProps<Values>) {
  return (
    <fieldset className={styles.half}>
      <legend>{said[half]}</legend>
      <TextInput label={label(said.host)} spellCheck={false} {...form.getInputProps(`${half}_host`)} />
      <NumberField label={label(said.port)} {...form.getInputProps(`${half}_port`)} />
      <NativeSelect label={label(said.security)} data={SECURITIES} {...form.getInputProps(security)} />
      <TextInput
        label={label(said.username)}
        description={said.usernameHint}
        spellCheck={false}
        autoComplete="off"
        {...form.getInputProps(`${half}_user`)}
      />
    </fieldset>
  );
}
