import type { Integration } from "@/api/schema";
import type { Tone } from "@/parts/StatusBadge";
import { words } from "@/words/integrations";

/** Return the badge of an integration: its text and its tone. */
export function badgeOf(integration: Integration | undefined): { text: string; tone: Tone } {
  if (!integration) return { text: words.badges.none, tone: "neutral" };
  if (!integration.is_active) return { text: words.badges.off, tone: "neutral" };
  if (integration.is_verified) return { text: words.badges.active, tone: "good" };
  // What never worked was not verified; what worked once and does not now needs somebody.
  if (!integration.last_verified_at) return { text: words.badges.unverified, tone: "warn" };
  return { text: words.badges.attention, tone: "bad" };
}
