import { Drawer } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useRef, useState } from "react";
import { LeaveDialog } from "./LeaveDialog";

/** Reports whether a form has unsaved changes to the drawer around it. */
export const Unsaved = createContext<(form: string, isUnsaved: boolean) => void>(() => undefined);

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
  const report = useCallback((form: string, isUnsaved: boolean) => {
    if (isUnsaved) unsaved.current.add(form);
    else unsaved.current.delete(form);
  }, []);
  const close = () => {
    if (unsaved.current.size > 0) setAsks(true);
    else onClose();
  };
  return (
    <Unsaved.Provider value={report}>
      <Drawer {...drawer} opened onClose={close}>
        {children}
      </Drawer>
      {/* Only while it asks: else the Escape that closes the drawer would close this, too. */}
      {asks && <LeaveDialog opened onStay={() => setAsks(false)} onLeave={onClose} />}
    </Unsaved.Provider>
  );
}
