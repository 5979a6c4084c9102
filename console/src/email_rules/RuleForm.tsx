import { Button, SegmentedControl, Switch, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { EmailRule, NewEmailRule } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { PlusIcon } from "@/parts/icons";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/email_rules";
import { ActionRow } from "./ActionRow";
import { ConditionRow } from "./ConditionRow";
import { DryRunSection } from "./DryRunSection";
import { useNames } from "./useNames";
import { useReloadRules } from "./useReloadRules";
import { asRule, checks, newAction, newCondition, type RuleValues, shownField, valuesOf } from "./values";

const MATCHES = [
  { value: "all", label: words.matches.all },
  { value: "any", label: words.matches.any },
];

/** Name, conditions and actions of a rule, new or stored, and the trial of what is typed. */
export function RuleForm({ rule, may }: { rule?: EmailRule; may: boolean }) {
  const names = useNames();
  const { form, version, reset } = useServerForm<RuleValues>(
    { values: valuesOf(rule), version: rule?.version },
    { validate: checks },
  );
  const reload = useReloadRules();
  const navigate = useNavigate();
  const added = useRef<string>(undefined);
  const saving = useSaving<RuleValues>({
    form,
    version,
    save: async (values, based) => {
      added.current = await save(rule?.id, asRule(values), based);
    },
    onSaved: () => {
      toastDone(words.saved, "rule");
      void reload();
      if (!rule) void navigate({ to: `/settings/rules/${added.current}` as string, replace: true });
    },
    fields: shownFields(form.values),
  });
  const { conditions, actions } = form.values;
  return (
    <fieldset disabled={!may} className="plain">
      <FormFrame
        saving={saving}
        isDirty={form.isDirty()}
        action={words.save}
        onTakeTheirs={reset}
        isReadOnly={!may}
      >
        <Section title={words.rule}>
          <TextInput label={words.name} description={words.nameHint} {...form.getInputProps("name")} />
          <Switch
            label={words.active}
            description={words.activeHint}
            {...form.getInputProps("is_active", { type: "checkbox" })}
          />
        </Section>
        <Section title={words.if} about={words.ifAbout}>
          {conditions.length > 1 && (
            <div className="line">
              <span>{words.match}</span>
              <SegmentedControl
                aria-label={words.match}
                data={MATCHES}
                disabled={!may}
                {...form.getInputProps("match")}
              />
            </div>
          )}
          {conditions.map((each, at) => (
            <ConditionRow key={each.key} form={form} at={at} mailboxes={names.mailboxes} />
          ))}
          <AddButton
            onAdd={() => form.insertListItem("conditions", newCondition())}
            label={words.addCondition}
          />
        </Section>
        <Section title={words.thenTitle} about={words.thenAbout}>
          {actions.map((each, at) => (
            <ActionRow key={each.key} form={form} at={at} members={names.members} />
          ))}
          {form.errors.actions && <p role="alert">{form.errors.actions}</p>}
          <AddButton onAdd={() => form.insertListItem("actions", newAction())} label={words.addAction} />
        </Section>
        <DryRunSection
          rule={() => asRule(form.getValues())}
          names={names}
          isReady={() => !form.validate().hasErrors}
        />
      </FormFrame>
    </fieldset>
  );
}

function AddButton({ onAdd, label }: { onAdd: () => void; label: string }) {
  return (
    <div className="line">
      <Button size="xs" variant="default" leftSection={<PlusIcon size={14} />} onClick={onAdd}>
        {label}
      </Button>
    </div>
  );
}

/** The API names a condition's mailbox and an action's tag by their kinds; the form has one value for all. */
function shownFields(values: RuleValues): Record<string, string & keyof RuleValues> {
  const names: Record<string, string> = {};
  for (const [list, fields] of [
    ["conditions", ["account_id", "size_bytes"]],
    ["actions", ["tag", "user_id", "address"]],
  ] as const)
    for (let at = 0; at < values[list].length; at++)
      for (const field of fields) names[`${list}.${at}.${field}`] = shownField(`${list}.${at}.${field}`);
  return names as Record<string, string & keyof RuleValues>;
}

async function save(id: string | undefined, rule: NewEmailRule, based: string | undefined) {
  if (!id) {
    const { data } = await client.POST("/api/v1/settings/email-rules", { body: rule });
    return data?.data.id;
  }
  await client.PATCH("/api/v1/settings/email-rules/{rule_id}", {
    params: { path: { rule_id: id } },
    headers: ifMatch(based),
    body: rule,
  });
  return id;
}
