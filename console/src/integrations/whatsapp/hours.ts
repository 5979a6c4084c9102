import type { BusinessHours, OpeningHours } from "@/api/schema";
import { words } from "@/words/integrations";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export const WEEKDAYS = DAYS.slice(0, 5);
export type Day = (typeof DAYS)[number];
export type DayHours = { closed: boolean; start: string; end: string };
export type Hours = { enabled: boolean; timezone: string } & Record<Day, DayHours>;

const OFFICE: DayHours = { closed: false, start: "09:00", end: "18:00" };
const CLOSED: DayHours = { closed: true, start: "", end: "" };

/** Return the form's hours for what is stored; for nothing, a usual week that is switched off. */
export function hoursOf(stored: unknown): Hours {
  if (!isHours(stored)) {
    const week = DAYS.map((day) => [day, WEEKDAYS.includes(day) ? OFFICE : CLOSED]);
    return { enabled: false, timezone: "Asia/Kolkata", ...Object.fromEntries(week) } as Hours;
  }
  const week = DAYS.map((day) => [day, dayOf(stored[day])]);
  return {
    enabled: stored.enabled !== false,
    timezone: stored.timezone ?? "Asia/Kolkata",
    ...Object.fromEntries(week),
  } as Hours;
}

function isHours(stored: unknown): stored is Partial<BusinessHours> {
  return typeof stored === "object" && stored !== null;
}

function dayOf(stored: OpeningHours | null | undefined): DayHours {
  if (!stored || ("closed" in stored && stored.closed) || !("start" in stored)) return { ...CLOSED };
  return { closed: false, start: stored.start?.slice(0, 5) ?? "", end: stored.end?.slice(0, 5) ?? "" };
}

/** Return the request's hours. A closed day keeps no times. */
export function hoursBody(hours: Hours): BusinessHours {
  const week = DAYS.map((day) => [
    day,
    hours[day].closed
      ? { closed: true, start: null, end: null }
      : { closed: false, start: hours[day].start, end: hours[day].end },
  ]);
  return { enabled: hours.enabled, timezone: hours.timezone, ...Object.fromEntries(week) } as BusinessHours;
}

/** Return what is wrong with each day, under the name of its field. */
export function checkHours(hours: Hours): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const day of DAYS) {
    const { closed, start, end } = hours[day];
    if (closed) continue;
    const problem =
      !start || !end
        ? words.hours.bothTimes
        : start === end
          ? words.hours.sameTimes
          : start > end
            ? words.hours.overnight
            : undefined;
    if (problem) problems[`business_hours.${day}.end`] = problem;
  }
  return problems;
}
