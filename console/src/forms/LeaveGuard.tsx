import { Button, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { words } from "@/words/parts";

/** Asks before a page with unsaved changes is left, also when the tab is closed. */
export function LeaveGuard({ when }: { when: boolean }) {
  const blocker = useBlocker({
    // Another tab of the same page, such as ?tab=whatsapp, leaves the form, too.
    shouldBlockFn: () => when,
    enableBeforeUnload: () => when,
    withResolver: true,
  });
  const isBlocked = blocker.status === "blocked";
  return (
    <Modal opened={isBlocked} onClose={() => blocker.reset?.()} title={words.leave.title}>
      <div className="stack">
        <p>{words.leave.body}</p>
        <div className="line">
          <Button onClick={() => blocker.reset?.()} data-autofocus>
            {words.leave.stay}
          </Button>
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            {words.leave.leave}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
