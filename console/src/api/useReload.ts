import { useQueryClient } from "@tanstack/react-query";

/** Return how to load again everything whose path begins with one of these; it ends when that is on screen. */
export function useReload(): (...beginnings: string[]) => Promise<void> {
  const queries = useQueryClient();
  return (...beginnings) =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => beginnings.some((path) => String(queryKey[1]).startsWith(path)),
    });
}
