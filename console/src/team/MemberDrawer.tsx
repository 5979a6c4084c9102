import type { TeamMember } from "@/api/schema";
import { FormDrawer } from "@/forms/FormDrawer";
import { Notice } from "@/parts/Notice";
import { useReturnFocus } from "@/parts/useReturnFocus";
import { useMe } from "@/session/useMe";
import { words } from "@/words/team";
import { Access } from "./Access";
import { InvitationSection } from "./InvitationSection";
import { MemberForm } from "./MemberForm";
import { Permissions } from "./Permissions";
import styles from "./Team.module.css";
import { isLastAdmin } from "./team";

interface Props {
  member: TeamMember;
  team: TeamMember[];
  onClose: () => void;
}

/** Everything about a member or an invitation: details, access, and what they may see and send. */
export default function MemberDrawer({ member, team, onClose }: Props) {
  useReturnFocus();
  const me = useMe();
  const isLast = isLastAdmin(member, team);
  const isMe = member.id === me?.id;
  const isFixed = isLast || isMe;
  const isInvited = member.invitation_expires_at !== null;
  return (
    <FormDrawer onClose={onClose} title={member.name || member.email} size="lg">
      {!isLast && isMe && <Notice tone="info" title={words.member.self} />}
      {isLast && (
        <Notice tone="info" title={words.member.lastAdmin}>
          <p>{words.member.lastAdminAbout}</p>
        </Notice>
      )}
      {isInvited && <InvitationSection member={member} onGone={onClose} />}
      <section className={styles.section}>
        <h3>{words.member.details}</h3>
        <MemberForm key={member.id} member={member} isRoleFixed={isFixed} />
      </section>
      {!isInvited && !isFixed && <Access member={member} />}
      <Permissions member={member} />
    </FormDrawer>
  );
}
