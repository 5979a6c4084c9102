/** A time of day and date as a `datetime-local` field has it, such as "2026-12-24T18:00"; empty is none. */
export type WallTime = string;

/** Return the zone of this browser, such as "Asia/Kolkata". */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Return what a clock in a zone shows at an instant. */
export function wallTime(instant: string | null, zone: string): WallTime {
  return instant ? shownAt(new Date(instant), zone) : "";
}

/**
 * Return the instant at which a clock in a zone shows a time, or null for none.
 *
 * A time that does not exist, since clocks are put forward over it, is that much later.
 */
export function instantOf(wall: WallTime, zone: string): string | null {
  if (!wall) return null;
  const wanted = Date.parse(`${wall}Z`);
  if (Number.isNaN(wanted)) return null;
  const first = wanted - offset(new Date(wanted), zone);
  const exact = wanted - offset(new Date(first), zone);
  return new Date(exact).toISOString();
}

function offset(instant: Date, zone: string): number {
  return Date.parse(`${shownAt(instant, zone)}Z`) - Math.floor(instant.getTime() / 60_000) * 60_000;
}

function shownAt(instant: Date, zone: string): WallTime {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(instant);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "00";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}
