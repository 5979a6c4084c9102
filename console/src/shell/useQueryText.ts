import { useNavigate, useSearch } from "@tanstack/react-router";

/**
 * Return a text of the URL's query, and how to change it; the standard value is not shown in the URL.
 *
 * A change replaces the entry in the browser's history, so that Back leaves the page.
 */
export function useQueryText(name: string, standard = ""): [string, (value: string) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const navigate = useNavigate();
  const value = search[name];
  const change = (next: string) =>
    void navigate({
      to: ".",
      replace: true,
      search: (former: Record<string, unknown>) => ({
        ...former,
        [name]: next === standard ? undefined : next,
      }),
    } as never);
  return [typeof value === "string" || typeof value === "number" ? String(value) : standard, change];
}
