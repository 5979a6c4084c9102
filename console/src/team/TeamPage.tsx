import { Button, Tabs } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Page } from "@/parts/Page";
import { SyncButton } from "@/phone_numbers/SyncButton";
import { useMay } from "@/session/useMe";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/team";
import { MembersTab } from "./MembersTab";

const InviteDrawer = lazy(() => import("./InviteDrawer"));
const NumbersTab = lazy(() => import("./NumbersTab"));

/** The team: its members and invitations, and its phone numbers. */
export default function TeamPage() {
  const [tab, setTab] = useQueryText("tab", "members");
  const [isInviting, setInviting] = useState(false);
  const mayManage = useMay("team:manage");
  const shown = tab in words.tabs ? tab : "members";
  const invite = () => setInviting(true);
  return (
    <Page
      title={words.title}
      about={words.about}
      actions={
        shown === "members" ? (
          mayManage && <Button onClick={invite}>{words.invite.button}</Button>
        ) : (
          <SyncButton />
        )
      }
    >
      <Tabs value={shown} onChange={(next) => setTab(next ?? "members")} keepMounted={false}>
        <Tabs.List aria-label={words.tabsLabel}>
          <Tabs.Tab value="members">{words.tabs.members}</Tabs.Tab>
          <Tabs.Tab value="phone-numbers">{words.tabs["phone-numbers"]}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="members" pt="md">
          <MembersTab onInvite={invite} />
        </Tabs.Panel>
        <Tabs.Panel value="phone-numbers" pt="md">
          <Suspense>
            <NumbersTab />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      <Suspense>{isInviting && <InviteDrawer onClose={() => setInviting(false)} />}</Suspense>
    </Page>
  );
}
