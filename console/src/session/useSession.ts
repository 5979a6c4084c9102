import { useSyncExternalStore } from "react";
import { type SessionState, session } from "./session";

/** Return where the sign-in stands, and render again when that changes. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.current);
}
