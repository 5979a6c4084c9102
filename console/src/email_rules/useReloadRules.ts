import { useQueryClient } from "@tanstack/react-query";

const PATH = "/api/v1/settings/email-rules";

/** Return a function that loads everything about rules again. */
export function useReloadRules(): () => Promise<void> {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => queryKey.some((part) => typeof part === "string" && part.startsWith(PATH)),
    });
}
