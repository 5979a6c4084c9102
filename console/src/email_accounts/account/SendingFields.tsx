import { NativeSelect, Switch, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { api } from "@/api/client";
import type { EmailAccount } from "@/api/schema";
import { NumberField } from "@/parts/NumberField";
import { Section } from "@/parts/Section";
import { useMay } from "@/session/useMe";
import { words } from "@/words/email_accounts";
import type { AccountValues } from "./values";

const said = words.sending;

interface Props {
  form: UseFormReturnType<AccountValues>;
  account: EmailAccount;
}

/** How much is sent from a mailbox, and where answers go. */
export function SendingFields({ form, account }: Props) {
  const members = api.useQuery("get", "/api/v1/settings/team", {}, { enabled: useMay("team:view") });
  const people = (members.data?.data ?? []).filter((each) => each.is_active);
  return (
    <Section title={said.title}>
      <Switch label={said.enabled} {...form.getInputProps("smtp_enabled", { type: "checkbox" })} />
      <div className="pairs">
        <TextInput
          label={said.replyTo}
          description={said.replyToHint}
          type="email"
          {...form.getInputProps("reply_to")}
        />
        <NativeSelect
          label={said.assignee}
          data={[
            { value: "", label: said.nobody },
            ...people.map((each) => ({ value: each.id, label: each.name })),
          ]}
          {...form.getInputProps("assigned_to_user_id")}
        />
        <NumberField
          label={said.hourly}
          description={said.limitHint(account.sent_last_hour)}
          {...form.getInputProps("hourly_limit")}
        />
        <NumberField
          label={said.daily}
          description={said.limitHint(account.sent_last_day)}
          {...form.getInputProps("daily_limit")}
        />
      </div>
    </Section>
  );
}
