import type { QueryClient } from "@tanstack/react-query";

const SHOWN_BY = [
  "/api/v1/settings/integrations",
  "/api/v1/settings/phone-numbers",
  "/api/v1/settings/configuration-status",
];

/** Load again what shows integrations or comes with them. */
export function refreshIntegrations(queries: QueryClient): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey }) => SHOWN_BY.some((path) => String(queryKey[1]).startsWith(path)),
  });
}
