import { useCallback, useRef, useState } from "react";
import { client } from "@/api/client";
import type { AuditVerification } from "@/api/schema";

/** Return how far the chain is verified, and how to begin and to stop; a long chain takes several requests. */
export function useVerification() {
  const [found, setFound] = useState<AuditVerification>();
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const turn = useRef(0);
  const stop = useCallback(() => {
    turn.current += 1;
    setRunning(false);
  }, []);
  const start = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    setRunning(true);
    setFound(undefined);
    setProblem(undefined);
    try {
      for (let cursor: string | null | undefined; cursor !== null && mine === turn.current; ) {
        const query = cursor ? { cursor } : {};
        const { data } = await client.GET("/api/v1/settings/audit-logs/verify", { params: { query } });
        if (!data || mine !== turn.current) return;
        setFound(data.data);
        cursor = data.data.next_cursor;
      }
    } catch (error) {
      if (mine === turn.current) setProblem(error);
    }
    if (mine === turn.current) setRunning(false);
  }, []);
  return { found, isRunning, problem, start, stop };
}
