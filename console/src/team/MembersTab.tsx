import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { TeamMember } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { useMay, useMe } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/team";
import styles from "./Team.module.css";
import { channelsOf, useTeam } from "./team";

const MemberDrawer = lazy(() => import("./MemberDrawer"));

const TONES: Record<TeamMember["status"], Tone> = {
  active: "good",
  inactive: "neutral",
  invited: "info",
  expired: "warn",
};

/** Members and invitations; who may manage them opens one by its button. */
export function MembersTab({ onInvite }: { onInvite: () => void }) {
  const team = useTeam();
  const may = useMay("team:manage");
  const [memberId, setMemberId] = useQueryText("member");
  const columns = useColumns(may, setMemberId);
  return (
    <div className="stack">
      {!may && <ReadOnly />}
      <Loaded query={team}>
        {({ data }) => {
          const chosen = may ? data.find((each) => each.id === memberId) : undefined;
          return (
            <>
              <DataTable caption={words.caption} columns={columns} rows={data} rowKey={(each) => each.id} />
              {may && data.length === 1 && (
                <EmptyState
                  title={words.alone.title}
                  why={words.alone.why}
                  action={<Button onClick={onInvite}>{words.invite.button}</Button>}
                />
              )}
              <Suspense>
                {chosen && <MemberDrawer member={chosen} team={data} onClose={() => setMemberId("")} />}
              </Suspense>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function useColumns(may: boolean, onEdit: (id: string) => void): Column<TeamMember>[] {
  const me = useMe();
  const facts: Column<TeamMember>[] = [
    { title: words.columns.name, cell: (member) => <Person member={member} isMe={member.id === me?.id} /> },
    { title: words.columns.role, cell: (member) => words.roles[member.role].name },
    {
      title: words.columns.status,
      cell: (member) => (
        <StatusBadge tone={TONES[member.status]}>{words.statuses[member.status]}</StatusBadge>
      ),
    },
    { title: words.columns.channels, cell: channelsOf },
    { title: words.columns.numbers, cell: (member) => <Numbers member={member} /> },
  ];
  if (!may) return facts;
  const edit: Column<TeamMember> = {
    title: words.columns.actions,
    untitled: true,
    align: "end",
    cell: (member) => (
      <Button
        size="xs"
        variant="default"
        aria-label={words.editOf(member.name || member.email)}
        onClick={() => onEdit(member.id)}
      >
        {words.edit}
      </Button>
    ),
  };
  return [...facts, edit];
}

function Person({ member, isMe }: { member: TeamMember; isMe: boolean }) {
  return (
    <span className={styles.person}>
      <strong>{member.name || member.email}</strong>
      {isMe && <span className="muted"> · {words.you}</span>}
      <span className={styles.address}>{member.email}</span>
    </span>
  );
}

function Numbers({ member }: { member: TeamMember }) {
  const numbers = member.phone_numbers.map((each) => each.phone_number);
  if (numbers.length === 0) return <span className="muted">{words.noNumber}</span>;
  return <span className="number">{numbers.join(", ")}</span>;
}
