import { NativeSelect, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { SecretField } from "@/parts/SecretField";
import { words } from "@/words/integrations";
import { words as partWords } from "@/words/parts";
import type { Values } from "../values";
import { ExactField } from "./ExactField";
import { textField } from "./textField";

const { labels, hints, regions } = words.form;

/** The account at Exotel. What is stored is never shown, and stays if the field stays empty. */
export function AccountFields({ form, isStored }: { form: UseFormReturnType<Values>; isStored: boolean }) {
  return (
    <div className="columns">
      <ExactField
        label={labels.account_sid}
        description={isStored ? partWords.secret.storedHint : hints.account_sid}
        required={!isStored}
        {...textField(form, "account_sid")}
      />
      <NativeSelect
        label={labels.region}
        description={hints.region}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={Object.entries(regions).map(([value, label]) => ({ value, label }))}
        {...form.getInputProps("region")}
      />
      <SecretField
        label={labels.api_key}
        isStored={isStored}
        required={!isStored}
        {...textField(form, "api_key")}
      />
      <SecretField
        label={labels.api_token}
        isStored={isStored}
        required={!isStored}
        {...textField(form, "api_token")}
      />
      <TextInput
        type="date"
        label={labels.credentials_expire_on}
        description={hints.credentials_expire_on}
        {...form.getInputProps("credentials_expire_on")}
      />
    </div>
  );
}
