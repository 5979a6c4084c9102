import { TextInput } from "@mantine/core";
import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { MemberChange, TeamMember } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/team";
import { RoleField } from "./RoleField";
import { TEAM } from "./team";

type Values = { name: string; role: string; phone_number: string };

/** A member's name, role and telephone; the drawer says why a fixed role cannot change. */
export function MemberForm({ member, isRoleFixed }: { member: TeamMember; isRoleFixed: boolean }) {
  const reload = useReload();
  const stored: Values = {
    name: member.name,
    role: member.role,
    phone_number: member.phone_number ?? "",
  };
  const { form, version, reset } = useServerForm({ values: stored, version: member.version });
  const saving = useSaving({
    form,
    version,
    save: (values, base) =>
      client.PATCH("/api/v1/settings/team/{user_id}", {
        params: { path: { user_id: member.id }, header: ifMatch(base) },
        body: changeOf(values, stored),
      }),
    onSaved: async () => {
      toastDone(words.member.saved, "member");
      await reload(TEAM);
    },
  });
  const takeTheirs = async () => {
    await reload(TEAM);
    reset();
  };
  const isProven = member.phone_number_source === "owner";
  return (
    <FormFrame saving={saving} isDirty={form.isDirty()} onTakeTheirs={() => void takeTheirs()}>
      <TextInput label={words.fields.name} autoComplete="off" {...form.getInputProps("name")} />
      <RoleField disabled={isRoleFixed} {...form.getInputProps("role")} />
      <TextInput
        type="tel"
        label={words.fields.phone}
        description={isProven ? words.fields.phoneProven : words.fields.phoneAbout}
        autoComplete="off"
        {...form.getInputProps("phone_number")}
      />
    </FormFrame>
  );
}

/** Return what differs from what is stored, and the name in any case: a change of nothing is refused. */
function changeOf(values: Values, stored: Values): MemberChange {
  return {
    name: values.name,
    ...(values.role !== stored.role && { role: values.role as TeamMember["role"] }),
    ...(values.phone_number !== stored.phone_number && { phone_number: values.phone_number || null }),
  };
}
