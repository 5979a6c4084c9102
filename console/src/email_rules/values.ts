import type { EmailRule, NewEmailRule } from "@/api/schema";
import { words } from "@/words/email_rules";

export type Field = keyof typeof words.fields;
export type ActionType = keyof typeof words.types;

/** A condition as the form has it: what, how, and with what it is compared. */
export type ConditionValues = {
  key: string;
  field: Field;
  /** An operator, or "is", with "not " before it if the condition is reversed; "open" or "closed" for hours. */
  relation: string;
  name: string;
  value: string;
  /** Business hours of the rule's own, which the form keeps as they are. */
  hours: unknown;
};

export type ActionValues = { key: string; type: ActionType; value: string };

export type RuleValues = {
  name: string;
  is_active: boolean;
  match: "all" | "any";
  conditions: ConditionValues[];
  actions: ActionValues[];
};

const TEXTS = ["sender", "recipient", "subject", "body", "attachment_name", "attachment_type", "header"];
const MEGABYTE = 1_000_000;
let keys = 0;
const newKey = () => `row-${keys++}`;

export const isText = (field: Field): boolean => TEXTS.includes(field);

/** Return a condition that compares with nothing yet. */
export function newCondition(field: Field = "subject", key = newKey()): ConditionValues {
  const relation = isText(field) ? "contains" : field === "business_hours" ? "open" : "is";
  return { key, field, relation, name: "", value: field === "origin" ? "human" : "", hours: null };
}

/** Return an action without its value. */
export const newAction = (type: ActionType = "tag", key = newKey()): ActionValues => ({
  key,
  type,
  value: "",
});

export function valuesOf(rule: EmailRule | undefined): RuleValues {
  return {
    name: rule?.name ?? "",
    is_active: rule?.is_active ?? false,
    match: rule?.match ?? "all",
    conditions: rule
      ? rule.conditions.map((each, at) => conditionOf(each, `stored-${at}`))
      : [newCondition("subject", "first")],
    actions: rule
      ? rule.actions.map((each, at) => actionOf(each, `stored-${at}`))
      : [newAction("tag", "first")],
  };
}

type Json = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Return a stored condition as the form has it. */
export function conditionOf(stored: Json, key = "shown"): ConditionValues {
  const field = text(stored.field) as Field;
  const blank = newCondition(field, key);
  const not = stored.negate === true ? "not " : "";
  if (field === "business_hours") {
    const isOpen = (stored.is_open === true) !== (stored.negate === true);
    return { ...blank, relation: isOpen ? "open" : "closed", hours: stored.hours ?? null };
  }
  const size = typeof stored.size_bytes === "number" ? String(stored.size_bytes / MEGABYTE) : "";
  return {
    ...blank,
    relation: `${not}${text(stored.operator) || "is"}`,
    name: text(stored.name),
    value: text(stored.value) || text(stored.account_id) || size,
  };
}

/** Return a stored action as the form has it. */
export function actionOf(stored: Json, key = "shown"): ActionValues {
  const value = text(stored.tag) || text(stored.user_id) || text(stored.address);
  return { key, type: text(stored.type) as ActionType, value };
}

/** Return the rule as the API takes it. */
export function asRule(values: RuleValues): NewEmailRule {
  return {
    name: values.name.trim(),
    is_active: values.is_active,
    match: values.match,
    conditions: values.conditions.map(asCondition),
    actions: values.actions.map(asAction),
  } as NewEmailRule;
}

function asCondition({ field, relation, name, value, hours }: ConditionValues): Json {
  const negate = relation.startsWith("not ");
  const operator = relation.replace("not ", "");
  if (field === "header") return { field, negate, operator, value, name: name.trim() };
  if (isText(field)) return { field, negate, operator, value };
  if (field === "attachment_larger_than")
    return { field, negate, size_bytes: Math.round(Number(value) * MEGABYTE) };
  if (field === "account") return { field, negate, account_id: value };
  if (field === "business_hours") return { field, is_open: relation === "open", ...(hours ? { hours } : {}) };
  if (field === "origin") return { field, negate, value };
  return { field, negate };
}

function asAction({ type, value }: ActionValues): Json {
  if (type === "tag") return { type, tag: value.trim() };
  if (type === "assign") return { type, user_id: value };
  if (type === "forward") return { type, address: value.trim() };
  return { type };
}

const { required } = words;
const TAKES: Partial<Record<ActionType, string>> = {
  tag: required.tag,
  assign: required.member,
  forward: required.address,
};

/** The checks of the form; the server has the last word. */
export const checks = {
  name: (name: string) => (name.trim() ? null : required.name),
  actions: {
    value: (value: string, values: RuleValues, path: string) => {
      const sentence = TAKES[values.actions[placeOf(path)]?.type ?? "stop"];
      return sentence && !value.trim() ? sentence : null;
    },
  },
  conditions: {
    value: (value: string, values: RuleValues, path: string) =>
      wrongValue(values.conditions[placeOf(path)]?.field, value),
    name: (name: string, values: RuleValues, path: string) =>
      values.conditions[placeOf(path)]?.field === "header" && !name.trim() ? required.header : null,
  },
};

const placeOf = (path: string): number => Number(path.split(".")[1]);

function wrongValue(field: Field | undefined, value: string): string | null {
  if (!field || field === "has_attachment" || field === "business_hours") return null;
  if (field === "attachment_larger_than") {
    const size = Number(value);
    return size > 0 && size <= 47 ? null : required.size;
  }
  return value.trim() ? null : required.value;
}

/** Return the form's field for one of the API's, such as conditions.0.account_id. */
export function shownField(field: string): string {
  return field.replace(/\.(account_id|size_bytes|tag|user_id|address)$/, ".value");
}
