import { failureOf } from "@/api/failure";
import { useAdmins } from "@/session/useMe";
import { words } from "@/words/parts";
import { Notice } from "./Notice";

/** Why this user may not see the page, and whom to ask. */
export function NotAllowed({ error, role }: { error?: unknown; role?: string }) {
  const admins = useAdmins();
  return (
    <Notice tone="warn" title={words.notAllowed.title}>
      <p>{error ? failureOf(error).error : words.notAllowed.needs(role ?? "admin")}</p>
      <p>{words.notAllowed.ask(admins)}</p>
    </Notice>
  );
}

/** The line above a page that this user may read but not change. */
export function ReadOnly() {
  const admins = useAdmins();
  return <Notice tone="info" title={words.notAllowed.readOnly(admins)} />;
}
