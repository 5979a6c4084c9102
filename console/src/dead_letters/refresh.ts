import type { QueryClient } from "@tanstack/react-query";

const PATH = "/api/v1/settings/dead-letters";

/** Load every list of dead letters again. */
export function refresh(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith(PATH) });
}
