import { useEffect, useState } from "react";
import { words } from "@/words/parts";

/** How long a test has been running. */
export function Stopwatch() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const start = performance.now();
    const timer = window.setInterval(() => setSeconds((performance.now() - start) / 1000), 100);
    return () => window.clearInterval(timer);
  }, []);
  return <p className="muted number">{words.test.running(seconds.toFixed(1))}</p>;
}
