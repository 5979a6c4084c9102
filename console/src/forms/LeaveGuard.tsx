import { useBlocker } from "@tanstack/react-router";
import { useContext, useEffect, useId } from "react";
import { Unsaved } from "./FormDrawer";
import { LeaveDialog } from "./LeaveDialog";

/** Asks before a page with unsaved changes is left, or its drawer is closed, also when the tab is closed. */
export function LeaveGuard({ when }: { when: boolean }) {
  const id = useId();
  const { report, hasDecided } = useContext(Unsaved);
  useEffect(() => {
    report(id, when);
    return () => report(id, false);
  }, [id, report, when]);
  const blocker = useBlocker({
    // Another tab of the same page, such as ?tab=whatsapp, leaves the form, too.
    shouldBlockFn: () => when && !hasDecided.current,
    enableBeforeUnload: () => when,
    withResolver: true,
  });
  return (
    <LeaveDialog
      opened={blocker.status === "blocked"}
      onStay={() => blocker.reset?.()}
      onLeave={() => blocker.proceed?.()}
    />
  );
}
