import type { EmailAccount, EmailAccountChange } from "@/api/schema";
import { asLogin, type LoginValues, loginOf } from "../login/values";

/** What the form of a mailbox shows; limits are empty where there is none. */
export type AccountValues = LoginValues & {
  name: string;
  is_default: boolean;
  imap_enabled: boolean;
  poll_interval_s: number | string;
  uses_idle: boolean;
  marks_seen: boolean;
  sends_canary: boolean;
  smtp_enabled: boolean;
  reply_to: string;
  hourly_limit: number | string;
  daily_limit: number | string;
  assigned_to_user_id: string;
  signature_html: string;
  signature_text: string;
};

export function valuesOf(account: EmailAccount): AccountValues {
  return {
    ...loginOf(account),
    name: account.name,
    is_default: account.is_default,
    imap_enabled: account.imap_enabled,
    poll_interval_s: account.poll_interval_ms / 1000,
    uses_idle: account.uses_idle,
    marks_seen: account.marks_seen,
    sends_canary: account.sends_canary,
    smtp_enabled: account.smtp_enabled,
    reply_to: account.reply_to ?? "",
    hourly_limit: account.hourly_limit ?? "",
    daily_limit: account.daily_limit ?? "",
    assigned_to_user_id: account.assigned_to_user_id ?? "",
    signature_html: account.signature_html,
    signature_text: account.signature_text,
  };
}

/** Return the fields that differ from what is stored: a login that did not change is not tested again. */
export function changeOf(account: EmailAccount, values: AccountValues): Partial<EmailAccountChange> {
  const after = asChange(values);
  const before = asChange(valuesOf(account));
  const changed = Object.entries(after).filter(
    ([name, value]) => value !== before[name as keyof EmailAccountChange],
  );
  const change: Partial<EmailAccountChange> = Object.fromEntries(changed);
  if (!values.is_default) delete change.is_default;
  if (!values.smtp_password) delete change.smtp_password;
  if (!values.imap_password && !values.smtp_password) delete change.imap_password;
  return change;
}

function asChange(values: AccountValues): Partial<EmailAccountChange> {
  const { email: _, ...login } = asLogin(values);
  const limit = (typed: number | string) => (typed === "" ? null : Number(typed));
  return {
    ...login,
    name: values.name.trim(),
    ...(values.is_default && { is_default: true as const }),
    imap_enabled: values.imap_enabled,
    poll_interval_ms: Math.round(Number(values.poll_interval_s) * 1000),
    uses_idle: values.uses_idle,
    marks_seen: values.marks_seen,
    sends_canary: values.sends_canary,
    smtp_enabled: values.smtp_enabled,
    reply_to: values.reply_to.trim() || null,
    hourly_limit: limit(values.hourly_limit),
    daily_limit: limit(values.daily_limit),
    assigned_to_user_id: values.assigned_to_user_id || null,
    signature_html: values.signature_html,
    signature_text: values.signature_text,
  };
}
