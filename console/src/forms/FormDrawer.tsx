import { Drawer } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { LeaveDialog } from "./LeaveDialog";

/** What a form and the drawer around it know of each other. */
interface Around {
  /** Reports whether a form has unsaved changes. */
  report: (form: string, isUnsaved: boolean) => void;
  /** Whether the person has already decided to leave: closing may change the URL, which must not ask again. */
  hasDecided: { current: boolean };
}

export const Unsaved = createContext<Around>({ report: () => undefined, hasDecided: { current: false } });

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
      {asks && <LeaveDialog opened onStay={() => setAsks(false)} onLeave={leave} />}
    </Unsaved.Provider>
  );
}
