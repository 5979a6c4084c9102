import { Button, Switch, TextInput } from "@mantine/core";
import type { EmailAccount } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { SecretField } from "@/parts/SecretField";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_accounts";
import { AppPasswordHelp } from "../login/AppPasswordHelp";
import { checkName, checkPassword, loginChecks } from "../login/checking";
import { ServerFields } from "../login/ServerFields";
import { secretProps } from "../login/secretProps";
import { TestOutcome } from "../login/TestOutcome";
import { useLoginTest } from "../login/useLoginTest";
import { shownField } from "../login/values";
import { useChangeAccount } from "../useChangeAccount";
import { PollingFields } from "./PollingFields";
import { SendingFields } from "./SendingFields";
import { SignatureFields } from "./SignatureFields";
import { type AccountValues, changeOf, valuesOf } from "./values";

const said = words.form;

interface Props {
  account: EmailAccount;
  accounts: EmailAccount[];
  mayConfigure: boolean;
}

/** The settings of a mailbox. A login that changed is tested by the server before anything is saved. */
export function AccountForm({ account, accounts, mayConfigure }: Props) {
  const { form, version, reset } = useServerForm<AccountValues>(
    { values: valuesOf(account), version: account.version },
    { validate: { ...loginChecks, name: checkName } },
  );
  const change = useChangeAccount(account.id);
  const test = useLoginTest(form);
  const saving = useSaving<AccountValues>({
    form,
    version,
    save: (values, based) => test.refused(() => change(changeOf(account, values), based)),
    onSaved: () => {
      form.setValues({ smtp_password: "", imap_password: "" });
      form.resetDirty({ ...form.getValues(), smtp_password: "", imap_password: "" });
      toastDone(said.saved, "account");
    },
    fields: {
      imap_password: shownField("imap_password", form.values) as keyof AccountValues & string,
      poll_interval_ms: "poll_interval_s",
    },
  });
  const tryLogin = async () => {
    const missing = checkPassword(form.values.smtp_password);
    if (missing) form.setFieldError("smtp_password", said.passwordToTest);
    else await test.run();
  };
  return (
    <FormFrame
      saving={saving}
      isDirty={form.isDirty()}
      action={said.save}
      onTakeTheirs={reset}
      actions={
        <Button variant="default" loading={test.busy} onClick={tryLogin}>
          {said.test}
        </Button>
      }
      isReadOnly={!mayConfigure}
    >
      <Section title={said.account}>
        <div className="columns">
          <TextInput label={said.name} {...form.getInputProps("name")} />
          <TextInput label={said.email} value={account.email} readOnly description={said.emailFixed} />
        </div>
        {mayConfigure && (
          <>
            <SecretField label={said.password} isStored {...secretProps(form, "smtp_password")} />
            <AppPasswordHelp provider={account.provider} />
          </>
        )}
        <ServerFields
          form={form}
          about={account.provider === "zoho" ? said.serverFilled : said.serverCustom}
          startsOpen={false}
          isStored
        />
        <Switch
          label={said.isDefault}
          description={aboutDefault(account, accounts)}
          disabled={account.is_default}
          {...form.getInputProps("is_default", { type: "checkbox" })}
        />
      </Section>
      <PollingFields form={form} />
      <SendingFields form={form} account={account} />
      <SignatureFields form={form} />
      <TestOutcome test={test.test} />
    </FormFrame>
  );
}

function aboutDefault(account: EmailAccount, accounts: EmailAccount[]): string {
  if (account.is_default) return said.defaultIs;
  const current = accounts.find((each) => each.is_default);
  return current ? said.defaultLoses(current.name) : said.defaultFree;
}
