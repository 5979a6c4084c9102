import { api } from "@/api/client";
import type { Me } from "@/api/schema";
import { words } from "@/words/parts";

const ME = "/api/v1/settings/team/me" as const;

/** Return the signed-in user with organization, role and permissions; undefined until it is loaded. */
export function useMe(): Me | undefined {
  return api.useQuery("get", ME, {}, { staleTime: 60_000 }).data?.data;
}

/** Return whether the signed-in user's role permits something, such as "integrations:configure". */
export function useMay(permission: string): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}

/** Return the names of the admins as a phrase, or a phrase for an admin if they are not known. */
export function useAdmins(): string {
  const names = useMe()?.admins.map((admin) => admin.name);
  return names?.length ? words.notAllowed.askThese(names.join(", ")) : words.notAllowed.askAnAdmin;
}
