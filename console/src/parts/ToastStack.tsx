import { Notifications, notifications } from "@mantine/notifications";
import { useEffect, useRef } from "react";
import { AlertIcon, CheckIcon } from "./icons";
import { onToast, type Toast } from "./toasts";

/** The toasts themselves, at the bottom left: a composer's Send is at the bottom right. */
export default function ToastStack({ first }: { first: Toast }) {
  const shown = useRef<Toast>(undefined);
  useEffect(() => {
    if (shown.current !== first) show(first);
    shown.current = first;
    return onToast(show);
  }, [first]);
  return <Notifications position="bottom-left" containerWidth={360} />;
}

function show({ id, message, kind }: Toast): void {
  // Hiding first lets a new result of the same matter be announced again.
  if (id) notifications.hide(id);
  const looks =
    kind === "done"
      ? { color: "green.9", icon: <CheckIcon />, autoClose: 5000, role: "status" }
      : { color: "red.9", icon: <AlertIcon />, autoClose: false as const, role: "alert" };
  notifications.show({ ...looks, ...(id && { id }), message });
}
