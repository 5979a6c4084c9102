import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { words } from "@/words/parts";

const LOCALE = "en-GB";
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "narrow" });
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "long" });
const whole = new Intl.NumberFormat("en");

/** Return a number with separators, such as "8,400". */
export const count = (value: number): string => whole.format(value);

/** Return the local time of day, such as "14:32". */
export const clockTime = (instant: Date): string => clock.format(instant);

/** Return how long ago an instant was if under an hour, else the local time, with the day if it is another one. */
export function ago(instant: Date, now: Date): string {
  const elapsed = Math.round((now.getTime() - instant.getTime()) / 1000);
  // What has just happened may be after a "now" that is read every ten seconds.
  const seconds = elapsed < 0 && elapsed > -15 ? 0 : elapsed;
  if (Math.abs(seconds) < 60) return relative.format(-seconds, "second");
  if (Math.abs(seconds) < 3600) return relative.format(-Math.round(seconds / 60), "minute");
  if (instant.toDateString() === now.toDateString()) return clock.format(instant);
  const date = instant.getFullYear() === now.getFullYear() ? day : dayAndYear;
  return `${date.format(instant)}, ${clock.format(instant)}`;
}

/** Return the present, again every `every_ms`. */
export function useNow(every_ms = 10_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), every_ms);
    return () => window.clearInterval(timer);
  }, [every_ms]);
  return now;
}

/** An instant: relative under an hour, else local time; the full date with its zone is the tooltip. */
export function When({ at, never = words.never }: { at: string | null | undefined; never?: string }) {
  useNow();
  if (!at) return <span className="muted">{never}</span>;
  const instant = new Date(at);
  return (
    <Tooltip label={full.format(instant)}>
      <time dateTime={at} className="number">
        {ago(instant, new Date())}
      </time>
    </Tooltip>
  );
}
