import type { VacationResponder, VacationSettings } from "@/api/schema";
import { words } from "@/words/auto_replies";
import { instantOf, type WallTime, wallTime } from "./zonedTime";

export type VacationValues = {
  is_active: boolean;
  starts_at: WallTime;
  ends_at: WallTime;
  zone: string;
  subject: string;
  content_text: string;
  content_html: string;
  repeat_after_days: number | string;
};

export function valuesOf(responder: VacationResponder, zone: string): VacationValues {
  return {
    is_active: responder.is_active,
    starts_at: wallTime(responder.starts_at, zone),
    ends_at: wallTime(responder.ends_at, zone),
    zone,
    subject: responder.subject,
    content_text: responder.content_text,
    content_html: responder.content_html ?? "",
    repeat_after_days: responder.repeat_after_days,
  };
}

export function asSettings(values: VacationValues): VacationSettings {
  return {
    is_active: values.is_active,
    starts_at: instantOf(values.starts_at, values.zone),
    ends_at: instantOf(values.ends_at, values.zone),
    subject: values.subject.trim(),
    content_text: values.content_text,
    content_html: values.content_html || null,
    repeat_after_days: Number(values.repeat_after_days),
  };
}

export const checks = {
  content_text: (text: string, values: VacationValues) =>
    values.is_active && !text.trim() && !values.content_html.trim() ? words.textNeeded : null,
  ends_at: (ends: WallTime, values: VacationValues) =>
    ends && values.starts_at && ends <= values.starts_at ? words.endsFirst : null,
};
