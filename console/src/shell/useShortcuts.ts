import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { usePreferences } from "@/session/preferences";
import { AREAS } from "./pages";

interface Actions {
  onPalette: () => void;
  onKeys: () => void;
}

/** How long the second letter of "G, then S" may take. */
const SEQUENCE_MS = 1500;

/** Where the letter after G leads. */
export const GO_TO = AREAS.flatMap((area) => area.pages).flatMap(({ key, path, title }) =>
  key ? [{ key, path, title }] : [],
);

/**
 * Listen for keys outside of text fields: G and a letter, `/`, `?`; and for Ctrl or Cmd with K everywhere.
 *
 * The preference `single_keys` switches the single letters off, as WCAG 2.1.4 demands. Keys of the browser and
 * combinations with Alt are never taken.
 */
export function useShortcuts({ onPalette, onKeys }: Actions): void {
  const navigate = useNavigate();
  const { preferences } = usePreferences();
  const begunAt = useRef(0);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return onPalette();
      }
      if (!preferences.single_keys || isTaken(event)) return;
      const target = GO_TO.find((page) => page.key === event.key);
      if (target && event.timeStamp - begunAt.current < SEQUENCE_MS) void navigate({ to: target.path });
      else if (event.key === "?") onKeys();
      else if (event.key === "/") onPalette();
      begunAt.current = event.key === "g" ? event.timeStamp : 0;
      if (event.key === "/") event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [navigate, onKeys, onPalette, preferences.single_keys]);
}

/** Return whether a key belongs to the browser, to a text field, or to an open dialog or menu. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  return Boolean(
    target?.isContentEditable ||
      target?.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox]"),
  );
}
