import { TextInput } from "@mantine/core";
import { api, client } from "@/api/client";
import { ifMatch } from "@/api/ifMatch";
import type { Organization } from "@/api/schema";
import { useReload } from "@/api/useReload";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { CopyButton } from "@/parts/CopyButton";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { toastDone } from "@/parts/toasts";
import { When } from "@/parts/When";
import { useMay } from "@/session/useMe";
import { words } from "@/words/organizations";

const ORGANIZATION = "/api/v1/settings/organization" as const;

/** The organization's name, and its id for support. */
export default function OrganizationPage() {
  const organization = api.useQuery("get", ORGANIZATION, {});
  const may = useMay("organizations:update");
  return (
    <Page title={words.title} about={words.about} width="form">
      {!may && <ReadOnly />}
      <Loaded query={organization}>
        {({ data }) => (
          <>
            <NameForm organization={data} may={may} />
            <Facts organization={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function NameForm({ organization, may }: { organization: Organization; may: boolean }) {
  const reload = useReload();
  const { form, version, reset } = useServerForm({
    values: { name: organization.name },
    version: organization.version,
  });
  const saving = useSaving({
    form,
    version,
    save: (values, base) =>
      client.PATCH(ORGANIZATION, { params: { header: ifMatch(base) }, body: { name: values.name } }),
    onSaved: async () => {
      toastDone(words.saved, "organization");
      await reload(ORGANIZATION, "/api/v1/settings/team/me");
    },
  });
  const takeTheirs = async () => {
    await reload(ORGANIZATION);
    reset();
  };
  if (!may) return <TextInput label={words.name} value={organization.name} readOnly />;
  return (
    <div className="card">
      <FormFrame saving={saving} isDirty={form.isDirty()} onTakeTheirs={() => void takeTheirs()}>
        <TextInput label={words.name} maxLength={200} {...form.getInputProps("name")} />
      </FormFrame>
    </div>
  );
}

function Facts({ organization }: { organization: Organization }) {
  return (
    <dl className="facts">
      <div>
        <dt>{words.since}</dt>
        <dd>
          <When at={organization.created_at} />
        </dd>
      </div>
      <div>
        <dt>{words.id}</dt>
        <dd>
          <code>{organization.id}</code> <CopyButton text={organization.id} what={words.id} />
          <span className="muted"> {words.idUse}</span>
        </dd>
      </div>
    </dl>
  );
}
