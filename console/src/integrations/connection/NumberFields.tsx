import { NativeSelect, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { words } from "@/words/integrations";
import type { Kind } from "../kinds";
import type { Values } from "../values";
import { ExactField } from "./ExactField";
import { textField } from "./textField";

const { labels, hints, ratings, limits } = words.form;
type Form = { form: UseFormReturnType<Values> };

/** The account's number, and what else belongs to the kind of integration. */
export function NumberFields({ kind, form }: Form & { kind: Kind }) {
  return (
    <div className="columns">
      <ExactField
        label={labels[kind.numberField]}
        description={hints[kind.numberField]}
        inputMode="tel"
        required
        {...textField(form, kind.numberField)}
      />
      {kind.tab === "phone" && (
        <ExactField
          label={labels.caller_id}
          description={hints.caller_id}
          inputMode="tel"
          {...textField(form, "caller_id")}
        />
      )}
      {kind.tab === "sms" && (
        <ExactField
          label={labels.dlt_entity_id}
          description={hints.dlt_entity_id}
          inputMode="numeric"
          {...textField(form, "dlt_entity_id")}
        />
      )}
      {kind.tab === "whatsapp" && <BusinessFields form={form} />}
      {kind.tab !== "whatsapp" && (
        <TextInput
          label={labels.display_name}
          description={hints.display_name}
          autoComplete="off"
          {...form.getInputProps("display_name")}
        />
      )}
    </div>
  );
}

function BusinessFields({ form }: Form) {
  return (
    <>
      <TextInput
        label={labels.business_name}
        description={hints.business_name}
        autoComplete="off"
        {...form.getInputProps("business_name")}
      />
      <Choice name="quality_rating" choices={ratings} form={form} />
      <Choice name="messaging_limit" choices={limits} form={form} />
      <ExactField label={labels.waba_id} description={hints.waba_id} {...textField(form, "waba_id")} />
    </>
  );
}

interface ChoiceProps extends Form {
  name: "quality_rating" | "messaging_limit";
  choices: Record<string, string>;
}

function Choice({ name, choices, form }: ChoiceProps) {
  return (
    <NativeSelect
      label={labels[name]}
      description={hints[name]}
      inputWrapperOrder={["label", "input", "description", "error"]}
      data={Object.entries(choices).map(([value, label]) => ({ value, label }))}
      {...form.getInputProps(name)}
    />
  );
}
