import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Liveness, Realtime } from "./realtime";

/** Keep everything on screen fresh while the component is shown, and return how that stands. */
export function useLiveness(): Liveness {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>({ state: "connecting", staleSince: undefined });
  useEffect(() => {
    const realtime = new Realtime(queries, setLiveness);
    realtime.start();
    return () => realtime.stop();
  }, [queries]);
  return liveness;
}
