import { Tooltip } from "@mantine/core";
import { StatusBadge } from "@/parts/StatusBadge";
import type { Config } from "@/session/config";
import { words } from "@/words/shell";

/** Says where this is, unless it is production: nobody must mistake a simulated customer for a real one. */
export function EnvironmentPill({ config }: { config: Config }) {
  if (config.sandbox) {
    return (
      <Tooltip label={words.sandboxExplained}>
        <span>
          <StatusBadge tone="info">{words.sandboxPill}</StatusBadge>
        </span>
      </Tooltip>
    );
  }
  if (config.environment === "production") return null;
  return <StatusBadge tone="info">{words.environments[config.environment]}</StatusBadge>;
}
