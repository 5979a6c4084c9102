import { Button } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { TeamMember } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/team";
import styles from "./Team.module.css";
import { TEAM } from "./team";

const { access } = words;

/** Whether a member may sign in, and how to change that. */
export function Access({ member }: { member: TeamMember }) {
  const reload = useReload();
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const name = member.name || member.email;
  const change = async (isActive: boolean) => {
    await client.PATCH("/api/v1/settings/team/{user_id}", {
      params: { path: { user_id: member.id }, header: ifMatch(member.version) },
      body: { is_active: isActive },
    });
    toastDone(isActive ? access.activated(name) : access.deactivated(name), "member");
    await reload(TEAM);
  };
  const activate = async () => {
    setBusy(true);
    setProblem(undefined);
    await change(true).catch(setProblem);
    setBusy(false);
  };
  return (
    <section className={styles.section}>
      <h3>{access.title}</h3>
      <p className="muted">{member.is_active ? access.isActive : access.isInactive}</p>
      {problem ? <Problem error={problem} /> : null}
      <div>
        {member.is_active ? (
          <Button variant="default" onClick={() => setAsks(true)}>
            {access.deactivate}
          </Button>
        ) : (
          <Button loading={busy} onClick={activate}>
            {access.activate}
          </Button>
        )}
      </div>
      <ConfirmDialog
        title={access.deactivateTitle(name)}
        action={access.deactivate}
        isDangerous
        opened={asks}
        onClose={() => setAsks(false)}
        onConfirm={() => change(false)}
      >
        <p>{access.deactivateAbout}</p>
      </ConfirmDialog>
    </section>
  );
}
