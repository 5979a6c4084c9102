import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { Integration, IntegrationChange } from "@/api/schema";
import type { Kind } from "../kinds";

/** Change what needs no new credentials. Throws a Failure. */
export async function changeIntegration(
  kind: Kind,
  integration: Integration,
  change: Partial<IntegrationChange>,
): Promise<void> {
  await client.PATCH("/api/v1/settings/integrations/{type}", {
    params: { path: { type: kind.type } },
    headers: ifMatch(integration.version),
    body: change as IntegrationChange,
  });
}
