import { Modal, Radio, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { PhoneNumber, TeamMember } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { Loaded } from "@/parts/Loaded";
import { toastDone } from "@/parts/toasts";
import { useReturnFocus } from "@/parts/useReturnFocus";
import { words } from "@/words/phone_numbers";
import styles from "./NumberList.module.css";
import { NUMBERS, TEAM } from "./paths";

const { dialog } = words;
const NOBODY = "";
const MOST = 200;

/** Choose from the active members who calls from a number. */
export default function AssignDialog({ number, onClose }: { number: PhoneNumber; onClose: () => void }) {
  useReturnFocus();
  const members = api.useQuery("get", TEAM, { params: { query: { limit: MOST } } });
  return (
    <Modal opened onClose={onClose} title={dialog.title(number.phone_number)}>
      <Loaded query={members}>
        {({ data }) => (
          <Assignment number={number} members={data.filter((each) => each.is_active)} onClose={onClose} />
        )}
      </Loaded>
    </Modal>
  );
}

interface Props {
  number: PhoneNumber;
  members: TeamMember[];
  onClose: () => void;
}

function Assignment({ number, members, onClose }: Props) {
  const reload = useReload();
  const [sought, setSought] = useState("");
  const { form, version, reset } = useServerForm({
    values: { user_id: number.assigned_to_user_id ?? NOBODY },
    version: number.version,
  });
  const saving = useSaving({
    form,
    version,
    save: (values, base) =>
      client.POST("/api/v1/settings/phone-numbers/{number_id}/assign", {
        params: { path: { number_id: number.id }, header: ifMatch(base) },
        body: { user_id: values.user_id || null },
      }),
    onSaved: async () => {
      const chosen = members.find((each) => each.id === form.getValues().user_id);
      toastDone(
        chosen ? dialog.saved(number.phone_number, chosen.name) : dialog.savedNobody(number.phone_number),
        "number",
      );
      await reload(NUMBERS, TEAM);
      onClose();
    },
  });
  const takeTheirs = async () => {
    await reload(NUMBERS, TEAM);
    reset();
  };
  return (
    <FormFrame
      saving={saving}
      isDirty={form.isDirty()}
      action={dialog.save}
      onTakeTheirs={() => void takeTheirs()}
    >
      <p className="muted">{dialog.about}</p>
      <TextInput
        type="search"
        label={dialog.search}
        value={sought}
        autoComplete="off"
        data-autofocus
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      <Radio.Group label={dialog.people} {...form.getInputProps("user_id")}>
        <People
          members={matching(members, sought)}
          isSought={sought !== ""}
          present={number.assigned_to_user_id}
        />
      </Radio.Group>
    </FormFrame>
  );
}

function People(props: { members: TeamMember[]; isSought: boolean; present: string | null }) {
  const { members, isSought, present } = props;
  return (
    <div className={styles.people}>
      {!isSought && <Radio value={NOBODY} label={dialog.nobody} description={dialog.nobodyAbout} />}
      {members.map((each) => (
        <Radio
          key={each.id}
          value={each.id}
          label={each.name || each.email}
          description={each.id === present ? `${each.email} · ${dialog.present}` : each.email}
        />
      ))}
      {isSought && members.length === 0 && <p role="status">{dialog.noMatch}</p>}
    </div>
  );
}

function matching(members: TeamMember[], sought: string): TeamMember[] {
  const wanted = sought.trim().toLowerCase();
  return members.filter((each) => `${each.name} ${each.email}`.toLowerCase().includes(wanted));
}
