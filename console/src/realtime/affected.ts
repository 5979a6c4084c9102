import type { Change } from "@/api/schema";

/** What shows the state of a channel. */
const STATUS = ["/api/v1/settings/overview", "/api/v1/settings/configuration-status"];

/** Which paths of the API show something else after a change, by the first word of its kind. */
const PATHS: Record<string, string[]> = {
  notification: [
    ...STATUS,
    "/api/v1/settings/notifications",
    "/api/v1/settings/integrations",
    "/api/v1/settings/email-accounts",
  ],
  dead_letters: ["/api/v1/settings/dead-letters"],
  integration: [...STATUS, "/api/v1/settings/integrations"],
  mailbox: [...STATUS, "/api/v1/settings/email-accounts"],
  phone_number: [...STATUS, "/api/v1/settings/phone-numbers", "/api/v1/settings/team"],
  whatsapp_template: ["/api/v1/settings/integrations"],
  rotation: ["/api/v1/settings/encryption"],
  message: ["/api/v1/communications/threads"],
  thread: ["/api/v1/communications/threads"],
};

/** Return the beginnings of the paths that changes affect, each once. */
export function affectedBy(changes: Pick<Change, "kind">[]): string[] {
  const areas = changes.map((change) => change.kind.split(".")[0] ?? "");
  return [...new Set(areas.flatMap((area) => PATHS[area] ?? []))];
}
