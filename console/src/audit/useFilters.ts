import type { paths } from "@/api/schema";
import { useQueryText } from "@/shell/useQueryText";

export type Filters = NonNullable<paths["/api/v1/settings/audit-logs/export"]["get"]["parameters"]["query"]>;

const NAMES = ["user_id", "action", "integration_type", "status", "since", "until"] as const;
export type FilterName = (typeof NAMES)[number];

export interface FilterState {
  values: Record<FilterName, string>;
  change: Record<FilterName, (value: string) => void>;
  /** What the API is asked; days become instants of this browser's zone. */
  query: Filters;
  isFiltered: boolean;
}

/** Return the filters that the URL names. */
export function useFilters(): FilterState {
  const [user_id, setUser] = useQueryText("user_id");
  const [action, setAction] = useQueryText("action");
  const [integration_type, setType] = useQueryText("integration_type");
  const [status, setStatus] = useQueryText("status");
  const [since, setSince] = useQueryText("since");
  const [until, setUntil] = useQueryText("until");
  const values = { user_id, action, integration_type, status, since, until };
  const change = {
    user_id: setUser,
    action: setAction,
    integration_type: setType,
    status: setStatus,
    since: setSince,
    until: setUntil,
  };
  return { values, change, query: asked(values), isFiltered: Object.values(values).some(Boolean) };
}

function asked(values: Record<FilterName, string>): Filters {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
  if (values.since) given.since = startOf(values.since, 0);
  // The last day is included: the API wants the instant after it.
  if (values.until) given.until = startOf(values.until, 1);
  return given as Filters;
}

/** Return the instant at which a day begins here, some days later; what is not a day goes to the API unchanged. */
function startOf(day: string, later: number): string {
  const [year, month, date] = day.split("-").map(Number);
  const instant = new Date(year ?? Number.NaN, (month ?? 1) - 1, (date ?? 1) + later);
  return Number.isNaN(instant.getTime()) ? day : instant.toISOString();
}
