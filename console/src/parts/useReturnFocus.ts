import { useEffect, useState } from "react";

/** Give the focus back, when this component goes, to what had it before: a dialog that is only there while open. */
export function useReturnFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // The dialog's own focus trap ends first.
      window.setTimeout(() => {
        if (before instanceof HTMLElement && before.isConnected) before.focus();
      });
    },
    [before],
  );
}
