import type { ComponentType } from "react";
import type { Integration } from "@/api/schema";
import { ChatIcon, PhoneIcon, SmsIcon } from "@/parts/icons";
import { words } from "@/words/integrations";

export type Type = "exotel_phone" | "exotel_whatsapp" | "exotel_sms";

/** One tab of the page: a type of integration, and which of its fields hold what. */
export interface Kind {
  type: Type;
  /** The tab's name in the URL. */
  tab: "phone" | "whatsapp" | "sms";
  icon: ComponentType<{ size?: number }>;
  /** The field with the account's number; a test proves it. */
  numberField: "virtual_number" | "whatsapp_number" | "sms_number";
  /** Whether Exotel calls back on a URL that has to be pasted. */
  hasCallback: boolean;
}

export const KINDS: Kind[] = [
  { type: "exotel_phone", tab: "phone", icon: PhoneIcon, numberField: "virtual_number", hasCallback: true },
  {
    type: "exotel_whatsapp",
    tab: "whatsapp",
    icon: ChatIcon,
    numberField: "whatsapp_number",
    hasCallback: true,
  },
  { type: "exotel_sms", tab: "sms", icon: SmsIcon, numberField: "sms_number", hasCallback: false },
];

/** Return the name by which people know an integration: the team's own, else that of its kind. */
export function nameOf(kind: Kind, integration: Integration): string {
  return integration.display_name ?? words.kinds[kind.tab].name;
}

/** Return an integration's text under a name among its settings, or an empty one. */
export function setting(integration: Integration | undefined, name: string): string {
  const value = integration?.settings[name];
  return typeof value === "string" ? value : "";
}

/** Return the version that a save must replace, if the API gives one. */
export function versionOf(integration: Integration | undefined): string | undefined {
  return integration && "version" in integration ? String(integration.version) : undefined;
}
