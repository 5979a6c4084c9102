/** Names that browsers still use for zones that were renamed since. */
const RENAMED: Record<string, string> = {
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Europe/Kiev": "Europe/Kyiv",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
};

/** Return every zone's name in use today, and `chosen` even if the browser does not list it. */
export function zones(chosen: string): string[] {
  const known = Intl.supportedValuesOf("timeZone").map((name) => RENAMED[name] ?? name);
  return [...new Set(["UTC", chosen, ...known])].sort();
}

/** Return the time of day in a zone, such as "14:32"; an empty text for a zone that the browser does not know. */
export function timeIn(zone: string, at: Date): string {
  try {
    return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(
      at,
    );
  } catch {
    return "";
  }
}

/** Return a weekday in a zone, such as "Monday". */
export function weekdayIn(zone: string, at: Date): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: zone }).format(at);
}
