import { client } from "@/api/client";
import type { Integration, IntegrationChange } from "@/api/schema";
import { type Kind, versionOf } from "../kinds";

/** Change what needs no new credentials. Throws a Failure. */
export async function changeIntegration(
  kind: Kind,
  integration: Integration,
  change: Partial<IntegrationChange>,
): Promise<void> {
  const version = versionOf(integration);
  await client.PATCH("/api/v1/settings/integrations/{type}", {
    params: { path: { type: kind.type } },
    headers: version ? { "If-Match": version } : {},
    body: change as IntegrationChange,
  });
}
