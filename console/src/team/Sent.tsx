import type { Invitation } from "@/api/schema";
import { CopyButton } from "@/parts/CopyButton";
import { Notice } from "@/parts/Notice";
import { When } from "@/parts/When";
import { words } from "@/words/team";

const { invite } = words;

/** What became of an invitation: it was mailed, or somebody must pass the address on. */
export function Sent({ invitation }: { invitation: Invitation }) {
  const { member, delivery, sign_in_url } = invitation;
  return (
    <Notice tone="good" title={invite.sent(member.email)} live="status">
      <p>{delivery === "mail" ? invite.byMail(member.email) : invite.byHand(member.email)}</p>
      {delivery === "by_hand" && sign_in_url && (
        <p>
          <code className="break">{sign_in_url}</code> <CopyButton text={sign_in_url} what={sign_in_url} />
        </p>
      )}
      <p className="muted">
        {invite.until} <When at={member.invitation_expires_at} />
      </p>
    </Notice>
  );
}
