import { NativeSelect } from "@mantine/core";
import { client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { IntegrationPermission, TeamMember } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { NumberField } from "@/parts/NumberField";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/team";
import styles from "./Team.module.css";
import { type IntegrationType, TEAM } from "./team";

const said = words.permissions;
/** The version of a permission that is not stored yet. */
const ABSENT = "absent";

/** What a member may do with one channel, and how many messages a day. */
export function PermissionForm({ member, type }: { member: TeamMember; type: IntegrationType }) {
  const reload = useReload();
  const channel = words.channels[type];
  const stored = member.permissions.find((each) => each.integration_type === type);
  const { form, version, reset } = useServerForm({
    values: valuesOf(stored),
    version: stored?.version ?? ABSENT,
  });
  const saving = useSaving({
    form,
    version,
    save: ({ access, daily_limit }, base) =>
      client.POST("/api/v1/settings/integrations/{type}/permissions", {
        params: { path: { type }, header: ifMatch(base) },
        body: {
          user_id: member.id,
          can_view: access !== "hidden",
          can_use: access === "use",
          daily_limit: daily_limit === "" ? null : Number(daily_limit),
        },
      }),
    onSaved: async () => {
      toastDone(said.saved(channel), `permission-${type}`);
      await reload(TEAM);
    },
  });
  const takeTheirs = async () => {
    await reload(TEAM);
    reset();
  };
  return (
    <div className={styles.permission}>
      <FormFrame
        saving={saving}
        isDirty={form.isDirty()}
        action={said.save(channel)}
        onTakeTheirs={() => void takeTheirs()}
      >
        <div className="columns">
          <NativeSelect
            label={channel}
            data={Object.entries(said.choices).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps("access")}
          />
          {form.getValues().access === "use" && (
            <NumberField
              label={said.limit(channel)}
              description={said.limitAbout}
              {...form.getInputProps("daily_limit")}
            />
          )}
        </div>
      </FormFrame>
    </div>
  );
}

type Values = { access: string; daily_limit: number | string };

function valuesOf(stored: IntegrationPermission | undefined): Values {
  const access = stored?.can_view === false ? "hidden" : stored?.can_use ? "use" : "view";
  return { access, daily_limit: stored?.daily_limit ?? "" };
}
