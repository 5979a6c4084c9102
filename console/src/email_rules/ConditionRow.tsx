import { ActionIcon, Select, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { TrashIcon } from "@/parts/icons";
import { NumberField } from "@/parts/NumberField";
import { words } from "@/words/email_rules";
import styles from "./Rules.module.css";
import { type Field, isText, newCondition, type RuleValues } from "./values";

const said = words.condition;
const choices = (table: Record<string, string>) =>
  Object.entries(table).map(([value, label]) => ({ value, label }));
const FIELDS = choices(words.fields);

interface Props {
  form: UseFormReturnType<RuleValues>;
  at: number;
  mailboxes: { value: string; label: string }[];
}

/** One condition: what is compared, how, and with what. */
export function ConditionRow({ form, at, mailboxes }: Props) {
  const condition = form.values.conditions[at];
  if (!condition) return null;
  const place = at + 1;
  const take = (field: string | null) => {
    if (field) form.replaceListItem("conditions", at, newCondition(field as Field, condition.key));
  };
  return (
    <fieldset className={styles.row}>
      <legend className="unseen">{said.of(place)}</legend>
      <Select
        aria-label={said.field(place)}
        data={FIELDS}
        allowDeselect={false}
        value={condition.field}
        onChange={take}
      />
      <Select
        aria-label={said.relation(place)}
        data={choices(relationsOf(condition.field))}
        allowDeselect={false}
        {...form.getInputProps(`conditions.${at}.relation`)}
      />
      <div className={styles.values}>
        {condition.field === "header" && (
          <TextInput
            aria-label={said.header(place)}
            placeholder={said.headerName}
            {...form.getInputProps(`conditions.${at}.name`)}
          />
        )}
        <Value form={form} at={at} mailboxes={mailboxes} />
      </div>
      <ActionIcon
        aria-label={words.removeCondition(place)}
        onClick={() => form.removeListItem("conditions", at)}
      >
        <TrashIcon size={16} />
      </ActionIcon>
    </fieldset>
  );
}

function Value({ form, at, mailboxes }: Props) {
  const { field, relation } = form.values.conditions[at] ?? newCondition();
  const props = { "aria-label": said.value(at + 1), ...form.getInputProps(`conditions.${at}.value`) };
  if (isText(field))
    return (
      <TextInput
        placeholder={said.text}
        description={relation.endsWith("matches") ? said.pattern : undefined}
        {...props}
      />
    );
  if (field === "attachment_larger_than")
    return (
      <NumberField
        unit={said.megabytes}
        {...props}
        onChange={(size) => form.setFieldValue(`conditions.${at}.value`, String(size))}
      />
    );
  if (field === "account")
    return <Select data={mailboxes} placeholder={said.mailbox} allowDeselect={false} {...props} />;
  if (field === "origin") return <Select data={choices(words.origins)} allowDeselect={false} {...props} />;
  return null;
}

function relationsOf(field: Field): Record<string, string> {
  if (isText(field)) return words.relations;
  if (field === "has_attachment") return words.present;
  if (field === "attachment_larger_than") return words.larger;
  return field === "business_hours" ? words.hours : words.same;
}
