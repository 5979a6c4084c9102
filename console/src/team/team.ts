import { api } from "@/api/client";
import type { TeamMember } from "@/api/schema";
import { words } from "@/words/team";

/** The API's path of members and invitations. */
export const TEAM = "/api/v1/settings/team" as const;

/** As many as the API lists at once. */
const MOST = 200;

/** Return every member and invitation. */
export function useTeam() {
  return api.useQuery("get", TEAM, { params: { query: { limit: MOST } } });
}

export type IntegrationType = keyof typeof words.channels;

/** Return what a member may see and send, as a short text. */
export function channelsOf(member: TeamMember): string {
  if (member.role === "admin") return words.allChannels;
  const named = member.permissions
    .filter((each) => each.can_view)
    .map((each) => {
      const name = words.channels[each.integration_type];
      return each.can_use ? name : words.onlyLooks(name);
    });
  return named.join(", ") || words.noChannel;
}

/** Return whether nobody else could manage the team. */
export function isLastAdmin(member: TeamMember, team: TeamMember[]): boolean {
  const admins = team.filter((each) => each.is_active && each.role === "admin");
  return admins.length === 1 && admins[0]?.id === member.id;
}
