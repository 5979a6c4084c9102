import { lazy } from "react";

/** The frame of pages that need no sign-in; a production build has no such page. */
export const OpenFrame =
  import.meta.env.MODE === "demo" ? lazy(() => import("@/sandbox/OpenFrame")) : undefined;

/** Return whether a path is that of a page that needs no sign-in. */
export function isOpen(path: string): boolean {
  return import.meta.env.MODE === "demo" && path === "/sandbox";
}
