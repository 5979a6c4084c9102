import type { EmailRule } from "@/api/schema";
import { words } from "@/words/email_rules";
import type { Names } from "./useNames";
import { actionOf, conditionOf, isText } from "./values";

const { say } = words;

/** Return when a rule fires, as a sentence. */
export function conditionsOf(rule: EmailRule, names: Names): string {
  if (rule.conditions.length === 0) return say.every;
  const all = rule.conditions.map((each) => conditionSentence(each, names));
  return say.if(all.join(rule.match === "all" ? say.and : say.or));
}

/** Return what a rule does, as a sentence. */
export function actionsOf(rule: EmailRule, names: Names): string {
  const all = rule.actions.map((stored) => {
    const { type, value } = actionOf(stored);
    const shown =
      type === "assign" ? nameOf(names.members, value) : type === "tag" ? say.quoted(value) : value;
    return say.act(words.types[type], shown);
  });
  return say.does(all.join(", "));
}

/** Return a condition in words, such as: subject contains “invoice”. */
export function conditionSentence(stored: Record<string, unknown>, names: Names): string {
  const { field, relation, name, value } = conditionOf(stored);
  const what = (field === "header" ? say.header(name) : (words.fields[field] ?? field)).toLowerCase();
  const how = (choices: Record<string, string>) => choices[relation] ?? relation;
  if (isText(field)) return say.text(what, how(words.relations), value);
  if (field === "has_attachment") return say.plain(what, how(words.present));
  if (field === "attachment_larger_than") return say.plain(what, how(words.larger), say.megabytes(value));
  if (field === "account") return say.plain(what, how(words.same), nameOf(names.mailboxes, value));
  if (field === "origin")
    return say.plain(what, how(words.same), (words.origins as Record<string, string>)[value] ?? value);
  return say.plain(what, how(words.hours));
}

function nameOf(choices: { value: string; label: string }[], id: string): string {
  return choices.find((each) => each.value === id)?.label ?? say.unknown;
}
