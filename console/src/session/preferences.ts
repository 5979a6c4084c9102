import { useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, client } from "@/api/client";
import { failureOf } from "@/api/failure";
import type { Me, Preferences } from "@/api/schema";
import { toastFailed } from "@/parts/toasts";
import { useSession } from "./useSession";

const ME = "/api/v1/settings/team/me" as const;
const DEFAULTS: Preferences = { theme: "auto", density: "comfortable", single_keys: true };

/** One after the other, so that the last choice is the one that stays. */
let saving: Promise<unknown> = Promise.resolve();

interface Answer {
  data: Me;
}

/**
 * Return how this user wants the console to look and behave, and how to change it.
 *
 * The server keeps it, so that it is the same in every browser. A change applies at once, and is taken back with a
 * message if it cannot be saved.
 */
export function usePreferences(): { preferences: Preferences; change: (part: Partial<Preferences>) => void } {
  const queries = useQueryClient();
  const enabled = useSession().phase === "signed_in";
  const { queryKey } = api.queryOptions("get", ME, {});
  const me = api.useQuery("get", ME, {}, { enabled, staleTime: 60_000 }).data?.data;
  const preferences = me?.preferences ?? DEFAULTS;
  const show = (next: Preferences) =>
    queries.setQueryData<Answer>(
      queryKey,
      (answer) => answer && { ...answer, data: { ...answer.data, preferences: next } },
    );
  const change = (part: Partial<Preferences>) => {
    const next = { ...preferences, ...part };
    show(next);
    saving = saving
      .then(() => client.PUT("/api/v1/settings/team/me/preferences", { body: next }))
      .catch((error: unknown) => {
        show(preferences);
        toastFailed(failureOf(error).error, "preferences");
      });
  };
  return { preferences, change };
}

/** Apply the preferences to the document. */
export function useAppliedPreferences(): void {
  const { preferences } = usePreferences();
  // Without transitions Mantine would switch them off by a style element, which the security policy refuses.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  useEffect(() => setColorScheme(preferences.theme), [preferences.theme, setColorScheme]);
  useEffect(() => {
    document.documentElement.dataset.density = preferences.density;
  }, [preferences.density]);
}
