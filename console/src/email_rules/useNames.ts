import { api } from "@/api/client";
import { useMay } from "@/session/useMe";

export interface Names {
  members: { value: string; label: string }[];
  mailboxes: { value: string; label: string }[];
}

/** Return the members and mailboxes that rules name by their ids. */
export function useNames(): Names {
  const members = api.useQuery("get", "/api/v1/settings/team", {}, { enabled: useMay("team:view") });
  const mailboxes = api.useQuery("get", "/api/v1/settings/email-accounts", {
    params: { query: { limit: 200 } },
  });
  return {
    members: (members.data?.data ?? [])
      .filter((each) => each.is_active)
      .map((each) => ({ value: each.id, label: each.name })),
    mailboxes: (mailboxes.data?.data ?? []).map((each) => ({ value: each.id, label: each.name })),
  };
}
