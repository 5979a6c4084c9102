import { Button } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import type { Invitation, TeamMember } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { When } from "@/parts/When";
import { words } from "@/words/team";
import { Sent } from "./Sent";
import styles from "./Team.module.css";
import { TEAM } from "./team";

const { invitation } = words;

/** An invitation that nobody has accepted: until when it is open, and how to send or revoke it. */
export function InvitationSection({ member, onGone }: { member: TeamMember; onGone: () => void }) {
  const reload = useReload();
  const [busy, setBusy] = useState(false);
  const [asks, setAsks] = useState(false);
  const [sent, setSent] = useState<Invitation>();
  const [problem, setProblem] = useState<unknown>();
  const path = { user_id: member.id };
  const sendAgain = async () => {
    setBusy(true);
    setProblem(undefined);
    await client
      .POST("/api/v1/settings/team/{user_id}/resend", { params: { path } })
      .then((answer) => setSent(answer.data?.data), setProblem);
    await reload(TEAM);
    setBusy(false);
  };
  const revoke = async () => {
    await client.DELETE("/api/v1/settings/team/{user_id}", { params: { path } });
    toastDone(invitation.revoked, "member");
    onGone();
    await reload(TEAM);
  };
  return (
    <section className={styles.section}>
      <h3>{invitation.title}</h3>
      <p className="muted">
        {member.status === "expired" ? invitation.expired : invitation.open}{" "}
        <When at={member.invitation_expires_at} />
      </p>
      {sent && <Sent invitation={sent} />}
      {problem ? <Problem error={problem} /> : null}
      <div className="line">
        <Button variant="default" loading={busy} onClick={sendAgain}>
          {invitation.again}
        </Button>
        <Button variant="default" onClick={() => setAsks(true)}>
          {invitation.revoke}
        </Button>
      </div>
      <ConfirmDialog
        title={invitation.revokeTitle}
        action={invitation.revoke}
        isDangerous
        opened={asks}
        onClose={() => setAsks(false)}
        onConfirm={revoke}
      >
        <p>{invitation.revokeAbout(member.email)}</p>
      </ConfirmDialog>
    </section>
  );
}
