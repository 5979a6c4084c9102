import { Drawer } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { Unsaved } from "./Unsaved";

const LeaveDialog = lazy(() => import("./LeaveDialog"));

interface Props {
  title: string;
  size?: string | number;
  onClose: () => void;
  children: ReactNode;
}

/** A drawer with forms: closing it, by Escape too, asks first if one has unsaved changes. */
export function FormDrawer({ onClose, children, ...drawer }: Props) {
  const unsaved = useRef(new Set<string>());
  const [asks, setAsks] = useState(false);
  const hasDecided = useRef(false);
  const report = useCallback((form: string, isUnsaved: boolean) => {
    if (isUnsaved) unsaved.current.add(form);
    else unsaved.current.delete(form);
  }, []);
  const close = () => {
    if (unsaved.current.size > 0) setAsks(true);
    else onClose();
  };
  const leave = () => {
    hasDecided.current = true;
    onClose();
  };
  const around = useMemo(() => ({ report, hasDecided }), [report]);
  return (
    <Unsaved.Provider value={around}>
      <Drawer {...drawer} opened onClose={close}>
        {children}
      </Drawer>
      {/* Only while it asks: else the Escape that closes the drawer would close this, too. */}
      <Suspense>{asks && <LeaveDialog onStay={() => setAsks(false)} onLeave={leave} />}</Suspense>
    </Unsaved.Provider>
  );
}
