import type { Integration, PhoneConfiguration, SmsConfiguration, WhatsAppConfiguration } from "@/api/schema";
import { words } from "@/words/integrations";
import { type Kind, setting } from "./kinds";
import { checkHours, type Hours, hoursBody, hoursOf } from "./whatsapp/hours";

/** What the form of an integration holds; each kind shows its own part of it. Secrets begin empty. */
export type Values = {
  account_sid: string;
  api_key: string;
  api_token: string;
  region: "singapore" | "mumbai";
  display_name: string;
  credentials_expire_on: string;
  virtual_number: string;
  caller_id: string;
  whatsapp_number: string;
  business_name: string;
  waba_id: string;
  quality_rating: WhatsAppConfiguration["quality_rating"];
  messaging_limit: WhatsAppConfiguration["messaging_limit"];
  auto_reply_enabled: boolean;
  auto_reply_message: string;
  away_message: string;
  business_hours: Hours;
  sms_number: string;
  dlt_entity_id: string;
};

export const SECRETS = ["account_sid", "api_key", "api_token"] as const;
export const NO_SECRETS = { account_sid: "", api_key: "", api_token: "" };

export type Configuration = PhoneConfiguration | WhatsAppConfiguration | SmsConfiguration;

/** Return the form's values for what is stored, or for nothing. */
export function valuesOf(integration: Integration | undefined): Values {
  const text = (name: string) => setting(integration, name);
  return {
    ...NO_SECRETS,
    region: text("region") === "mumbai" ? "mumbai" : "singapore",
    display_name: integration?.display_name ?? "",
    credentials_expire_on: integration?.credentials_expire_on ?? "",
    virtual_number: text("virtual_number"),
    caller_id: text("caller_id"),
    whatsapp_number: text("whatsapp_number"),
    business_name: text("business_name"),
    waba_id: text("waba_id"),
    quality_rating: (text("quality_rating") || "unknown") as Values["quality_rating"],
    messaging_limit: (text("messaging_limit") || "unknown") as Values["messaging_limit"],
    auto_reply_enabled: integration?.settings.auto_reply_enabled === true,
    auto_reply_message: text("auto_reply_message"),
    away_message: text("away_message"),
    business_hours: hoursOf(integration?.settings.business_hours),
    sms_number: text("sms_number"),
    dlt_entity_id: text("dlt_entity_id"),
  };
}

/** Return the request for the form's values; an empty secret keeps the stored one. */
export function bodyOf(kind: Kind, values: Values, stored: Integration | undefined): Configuration {
  const account = {
    force: false,
    display_name: values.display_name.trim() || null,
    credentials_expire_on: values.credentials_expire_on || null,
    account_sid: values.account_sid || null,
    api_key: values.api_key || null,
    api_token: values.api_token || null,
    region: values.region,
  };
  if (kind.tab === "phone")
    return { ...account, virtual_number: values.virtual_number, caller_id: values.caller_id || null };
  if (kind.tab === "sms")
    return { ...account, sms_number: values.sms_number, dlt_entity_id: values.dlt_entity_id || null };
  return {
    ...account,
    whatsapp_number: values.whatsapp_number,
    business_name: values.business_name.trim() || null,
    // No field of this page: kept as it was saved by the API.
    business_profile: setting(stored, "business_profile") || null,
    waba_id: values.waba_id || null,
    quality_rating: values.quality_rating,
    messaging_limit: values.messaging_limit,
    auto_reply_enabled: values.auto_reply_enabled,
    auto_reply_message: values.auto_reply_message.trim() || null,
    away_message: values.away_message.trim() || null,
    business_hours: hoursBody(values.business_hours),
  };
}

/** Return what is wrong with the values before anything is sent; the server checks everything again. */
export function problemsOf(kind: Kind, values: Values, isStored: boolean): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const name of SECRETS) {
    if (!isStored && !values[name]) problems[name] = words.form.required[name];
  }
  const number = values[kind.numberField];
  if (!number) problems[kind.numberField] = words.form.required[kind.numberField];
  else if (kind.tab !== "whatsapp" && number.startsWith("+91"))
    problems[kind.numberField] = words.form.withoutCountry;
  return kind.tab === "whatsapp" ? { ...problems, ...checkHours(values.business_hours) } : problems;
}
