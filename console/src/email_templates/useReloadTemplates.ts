import { useQueryClient } from "@tanstack/react-query";

const PATH = "/api/v1/settings/email-templates";

/** Return a function that loads everything about templates again. */
export function useReloadTemplates(): () => Promise<void> {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => queryKey.some((part) => typeof part === "string" && part.startsWith(PATH)),
    });
}
