import { lazy, Suspense, useEffect, useState } from "react";
import { onToast, type Toast } from "./toasts";

const ToastStack = lazy(() => import("./ToastStack"));

/** The corner in which toasts appear; its code is loaded with the first toast. */
export function Toasts() {
  const [first, setFirst] = useState<Toast>();
  useEffect(() => (first ? undefined : onToast(setFirst)), [first]);
  return <Suspense>{first && <ToastStack first={first} />}</Suspense>;
}
