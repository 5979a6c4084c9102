import { Button, NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { client } from "@/api/client";
import type { EmailAccount, MailboxPreset, NewEmailAccount } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { SecretField } from "@/parts/SecretField";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_accounts";
import { AppPasswordHelp } from "./login/AppPasswordHelp";
import { checkName, checkPassword, loginChecks } from "./login/checking";
import { ServerFields } from "./login/ServerFields";
import { secretProps } from "./login/secretProps";
import { TestOutcome } from "./login/TestOutcome";
import { useLoginTest } from "./login/useLoginTest";
import { asLogin, type LoginValues, noLogin, serversOf, shownField } from "./login/values";
import { asHtml } from "./signatureHtml";
import { useReloadAccounts } from "./useAccounts";

type Values = LoginValues & {
  provider: string;
  preset: string;
  name: string;
  signature_text: string;
  is_default: boolean;
};

const noAccount: Values = {
  ...noLogin,
  provider: "",
  preset: "",
  name: "",
  signature_text: "",
  is_default: false,
};
const said = words.form;
const PROVIDERS = [
  { value: "zoho", label: said.providers.zoho },
  { value: "custom", label: said.providers.custom },
];

interface Props {
  presets: MailboxPreset[];
  accounts: EmailAccount[];
  onClose: () => void;
}

/** The guide's form for a mailbox: the provider first, which fills in the servers. */
export function AddAccountForm({ presets, accounts, onClose }: Props) {
  const { form } = useServerForm<Values>(
    { values: noAccount },
    { validate: { ...loginChecks, name: checkName, smtp_password: checkPassword } },
  );
  const reload = useReloadAccounts();
  const test = useLoginTest(form);
  const saving = useSaving<Values>({
    form,
    save: async (values) => {
      await test.refused(() => client.POST("/api/v1/settings/email-accounts", { body: newAccount(values) }));
    },
    onSaved: () => {
      toastDone(said.added(form.values.name), "account");
      void reload();
      onClose();
    },
    fields: { imap_password: shownField("imap_password", form.values) as keyof Values & string },
  });
  const provider = form.values.provider === "zoho" ? "zoho" : "custom";
  const takePreset = (id: string | undefined) => {
    const preset = presets.find((each) => each.id === id);
    if (preset)
      form.setValues({
        provider: preset.provider,
        preset: preset.id,
        ...serversOf(preset),
      } as Partial<Values>);
  };
  const takeFirstOf = (provider: string) =>
    takePreset(presets.find((each) => each.provider === provider)?.id);
  return (
    <FormFrame
      saving={saving}
      isDirty={form.isDirty()}
      action={said.addAccount}
      actions={
        form.values.provider && (
          <Button variant="default" loading={test.busy} onClick={test.run}>
            {said.test}
          </Button>
        )
      }
    >
      <NativeSelect
        label={said.provider}
        data={[{ value: "", label: said.chooseProvider, disabled: true }, ...PROVIDERS]}
        value={form.values.provider}
        onChange={(event) => takeFirstOf(event.currentTarget.value)}
      />
      {form.values.provider && (
        <>
          {provider === "zoho" && (
            <NativeSelect
              label={said.dataCenter}
              description={said.dataCenterHint}
              data={presets.filter((each) => each.provider === "zoho").map(shownPreset)}
              value={form.values.preset}
              onChange={(event) => takePreset(event.currentTarget.value)}
            />
          )}
          <TextInput label={said.name} description={said.nameHint} {...form.getInputProps("name")} />
          <EmailField form={form} />
          <SecretField
            label={said.password}
            description={provider === "zoho" ? said.passwordZoho : said.passwordHint}
            {...secretProps(form, "smtp_password")}
          />
          <AppPasswordHelp provider={provider} />
          <Textarea
            label={said.signature}
            description={said.signatureHint}
            rows={3}
            {...form.getInputProps("signature_text")}
          />
          <Switch
            label={said.isDefault}
            description={aboutDefault(accounts)}
            {...form.getInputProps("is_default", { type: "checkbox" })}
          />
          <ServerFields
            key={form.values.provider}
            form={form}
            about={provider === "zoho" ? said.serverFilled : said.serverCustom}
            startsOpen={provider === "custom"}
          />
          <TestOutcome test={test.test} />
        </>
      )}
    </FormFrame>
  );
}

/** The address; user names that were the same as the address follow it. */
function EmailField({ form }: { form: UseFormReturnType<Values> }) {
  const change = (email: string) => {
    const { email: former, smtp_user, imap_user } = form.values;
    form.setFieldValue("email", email);
    if (smtp_user === former) form.setFieldValue("smtp_user", email);
    if (imap_user === former) form.setFieldValue("imap_user", email);
  };
  return (
    <TextInput
      label={said.email}
      type="email"
      autoComplete="off"
      {...form.getInputProps("email")}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function shownPreset(preset: MailboxPreset): { value: string; label: string } {
  const name = preset.name.replace(said.presetPrefix, "");
  return { value: preset.id, label: preset.is_confirmed ? name : said.unconfirmed(name) };
}

function aboutDefault(accounts: EmailAccount[]): string {
  const current = accounts.find((each) => each.is_default);
  return current ? said.defaultLoses(current.name) : said.defaultFirst;
}

/** What the form does not ask for is left to the API's standards. */
function newAccount(values: Values): NewEmailAccount {
  const text = values.signature_text.trim();
  const given: Partial<NewEmailAccount> = {
    ...asLogin(values),
    name: values.name.trim(),
    is_default: values.is_default,
    signature_text: text,
    signature_html: text && asHtml(text),
  };
  return given as NewEmailAccount;
}
