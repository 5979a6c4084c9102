import { useBlocker } from "@tanstack/react-router";
import { lazy, Suspense, useContext, useEffect, useId } from "react";
import { Unsaved } from "./Unsaved";

const loadDialog = () => import("./LeaveDialog");
const LeaveDialog = lazy(loadDialog);

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
  // Loaded with the first change, so that it asks without a connection, too.
  useEffect(() => {
    if (when) void loadDialog();
  }, [when]);
  return (
    <Suspense>
      {blocker.status === "blocked" && <LeaveDialog onStay={blocker.reset} onLeave={blocker.proceed} />}
    </Suspense>
  );
}
