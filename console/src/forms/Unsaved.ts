import { createContext } from "react";

/** What a form and the drawer around it know of each other. */
interface Around {
  /** Reports whether a form has unsaved changes. */
  report: (form: string, isUnsaved: boolean) => void;
  /** Whether the person has already decided to leave: closing may change the URL, which must not ask again. */
  hasDecided: { current: boolean };
}

export const Unsaved = createContext<Around>({ report: () => undefined, hasDecided: { current: false } });
