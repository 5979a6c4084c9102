import { useMantineColorScheme } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";

export interface Preferences {
  theme: "auto" | "light" | "dark";
  density: "comfortable" | "compact";
  single_keys: boolean;
}

const DEFAULTS: Preferences = { theme: "auto", density: "comfortable", single_keys: true };

/** Return how this user wants the console to look and behave, and how to change it. */
export function usePreferences(): { preferences: Preferences; change: (part: Partial<Preferences>) => void } {
  const [preferences, setPreferences] = useLocalStorage({
    key: "banxway-preferences",
    defaultValue: DEFAULTS,
    getInitialValueInEffect: false,
  });
  return { preferences, change: (part) => setPreferences((former) => ({ ...former, ...part })) };
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
