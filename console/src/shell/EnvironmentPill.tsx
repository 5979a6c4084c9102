import { lazy, Suspense } from "react";
import { StatusBadge } from "@/parts/StatusBadge";
import type { Config } from "@/session/config";
import { words } from "@/words/shell";

// Only a local build asks the sandbox what is broken.
const SandboxPill = import.meta.env.MODE === "demo" ? lazy(() => import("@/sandbox/SandboxPill")) : undefined;

/** Says where this is, unless it is production: nobody must mistake a simulated customer for a real one. */
export function EnvironmentPill({ config }: { config: Config }) {
  if (config.sandbox && SandboxPill) {
    return (
      <Suspense>
        <SandboxPill />
      </Suspense>
    );
  }
  if (config.environment === "production") return null;
  return <StatusBadge tone="info">{words.environments[config.environment]}</StatusBadge>;
}
