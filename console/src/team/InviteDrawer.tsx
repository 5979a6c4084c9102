import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { client } from "@/api/client";
import type { Invitation, MemberToInvite } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { FormDrawer } from "@/forms/FormDrawer";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { toastDone } from "@/parts/toasts";
import { useReturnFocus } from "@/parts/useReturnFocus";
import { words } from "@/words/team";
import { RoleField } from "./RoleField";
import { Sent } from "./Sent";
import { TEAM } from "./team";

const { invite } = words;
const EMPTY = { email: "", name: "", role: "agent", phone_number: "" };

/** Invite a person, then see whether the invitation was mailed. */
export default function InviteDrawer({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  const [sent, setSent] = useState<Invitation>();
  return (
    <FormDrawer onClose={onClose} title={invite.title}>
      {sent ? (
        <div className="stack">
          <Sent invitation={sent} />
          <div className="line">
            <Button data-autofocus onClick={onClose}>
              {invite.done}
            </Button>
            <Button variant="default" onClick={() => setSent(undefined)}>
              {invite.another}
            </Button>
          </div>
        </div>
      ) : (
        <InviteForm onSent={setSent} />
      )}
    </FormDrawer>
  );
}

function InviteForm({ onSent }: { onSent: (invitation: Invitation) => void }) {
  const reload = useReload();
  const { form } = useServerForm({ values: EMPTY });
  const saving = useSaving({
    form,
    save: async (values) => {
      const body: MemberToInvite = {
        email: values.email,
        name: values.name,
        role: values.role as MemberToInvite["role"],
        phone_number: values.phone_number || null,
      };
      const answer = await client.POST(TEAM, { body });
      await reload(TEAM);
      toastDone(invite.sent(values.email), "member");
      if (answer.data) onSent(answer.data.data);
    },
  });
  return (
    <FormFrame saving={saving} isDirty={form.isDirty()} action={invite.send}>
      <TextInput
        type="email"
        label={words.fields.email}
        description={words.fields.emailAbout}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps("email")}
      />
      <TextInput label={words.fields.name} autoComplete="off" {...form.getInputProps("name")} />
      <RoleField {...form.getInputProps("role")} />
      <TextInput
        type="tel"
        label={words.fields.phone}
        description={words.fields.phoneAbout}
        autoComplete="off"
        {...form.getInputProps("phone_number")}
      />
    </FormFrame>
  );
}
