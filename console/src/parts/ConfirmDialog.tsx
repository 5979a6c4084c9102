import { lazy, Suspense } from "react";
import type { Confirmation } from "./ConfirmContent";

const ConfirmContent = lazy(() => import("./ConfirmContent"));

/** Asks before something is done. A double click does it once. Its code is loaded when it asks first. */
export function ConfirmDialog({ opened, ...confirmation }: Confirmation & { opened: boolean }) {
  return <Suspense>{opened && <ConfirmContent {...confirmation} />}</Suspense>;
}
