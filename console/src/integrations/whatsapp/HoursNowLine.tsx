import type { HoursNow } from "@/api/schema";
import { StatusBadge } from "@/parts/StatusBadge";
import { words } from "@/words/integrations";
import { timeIn, weekdayIn } from "./zones";

/** Whether the saved business hours are open at this moment, as the server says. */
export function HoursNowLine({ now }: { now: HoursNow | null | undefined }) {
  if (!now) return null;
  return (
    <p className="line">
      <StatusBadge tone={now.is_open ? "good" : "neutral"}>{said(now)}</StatusBadge>
      <span className="muted">{words.hours.asSaved}</span>
    </p>
  );
}

function said(now: HoursNow): string {
  const { hours } = words;
  if (!now.until) return now.is_open ? hours.alwaysOpen : hours.neverOpen;
  const until = new Date(now.until);
  const time = timeIn(now.timezone, until);
  return now.is_open
    ? hours.openUntil(time, now.zone)
    : hours.closedUntil(weekdayIn(now.timezone, until), time, now.zone);
}
