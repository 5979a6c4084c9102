import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import { EmptyState } from "@/parts/EmptyState";
import { useMay } from "@/session/useMe";
import { words } from "@/words/phone_numbers";
import { SyncButton } from "./SyncButton";

const { empty } = words;

/** Why there are no numbers, with the reason of the last failed sync, and what ends that. */
export function NoNumbers() {
  const integrations = api.useQuery("get", "/api/v1/settings/integrations", {});
  const failure = useLastFailure();
  const isConnected = integrations.data?.data.some((each) => each.integration_type === "exotel_phone");
  const why = [empty.why, failure && empty.lastFailure(failure)].filter(Boolean).join(" ");
  return (
    <EmptyState
      title={empty.title}
      why={why}
      action={isConnected ? <SyncButton label={words.syncNow} isMain /> : <Connect />}
    />
  );
}

function Connect() {
  return (
    <Button component={Link} to="/settings/integrations?tab=phone">
      {empty.connect}
    </Button>
  );
}

/** Return why the last sync failed, unless a later one worked or this user may not read the audit log. */
function useLastFailure(): string | undefined {
  const enabled = useMay("audit:view");
  const query = { integration_type: "exotel_phone" as const, action: "integration.sync", limit: 1 };
  const entries = api.useQuery("get", "/api/v1/settings/audit-logs", { params: { query } }, { enabled });
  const last = entries.data?.data[0];
  const reason = last?.status === "failed" ? last.details.error : undefined;
  return typeof reason === "string" ? reason : undefined;
}
