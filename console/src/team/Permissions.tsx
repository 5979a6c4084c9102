import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import type { TeamMember } from "@/api/schema";
import { Loaded } from "@/parts/Loaded";
import { words } from "@/words/team";
import { PermissionForm } from "./PermissionForm";
import styles from "./Team.module.css";
import type { IntegrationType } from "./team";

/** What a member may see and send, channel by channel. */
export function Permissions({ member }: { member: TeamMember }) {
  const isAdmin = member.role === "admin";
  return (
    <section className={styles.section}>
      <h3>{words.permissions.title}</h3>
      <p className="muted">{isAdmin ? words.permissions.admin : words.permissions.about}</p>
      {!isAdmin && <Channels member={member} />}
    </section>
  );
}

function Channels({ member }: { member: TeamMember }) {
  const integrations = api.useQuery("get", "/api/v1/settings/integrations", {});
  return (
    <Loaded query={integrations}>
      {({ data }) => {
        const shown = typesOf(data, member);
        if (shown.length === 0) return <NoChannel />;
        return shown.map((type) => <PermissionForm key={type} member={member} type={type} />);
      }}
    </Loaded>
  );
}

function NoChannel() {
  return (
    <p>
      {words.permissions.none} <Link to="/settings/integrations">{words.permissions.connect}</Link>
    </p>
  );
}

/** Return the types that are connected, or that the member has a permission for, in the order of the words. */
function typesOf(
  integrations: { integration_type: IntegrationType }[],
  member: TeamMember,
): IntegrationType[] {
  const known = new Set([...integrations, ...member.permissions].map((each) => each.integration_type));
  return (Object.keys(words.channels) as IntegrationType[]).filter((type) => known.has(type));
}
