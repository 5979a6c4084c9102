import { Checkbox, Radio } from "@mantine/core";
import { api } from "@/api/client";
import type { EmailAccount, EmailFolder } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useSaving } from "@/forms/useSaving";
import { useServerForm } from "@/forms/useServerForm";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { Loaded } from "@/parts/Loaded";
import { Section } from "@/parts/Section";
import { StatusBadge } from "@/parts/StatusBadge";
import { toastDone } from "@/parts/toasts";
import { When } from "@/parts/When";
import { words } from "@/words/email_accounts";
import { useChangeAccount } from "../useChangeAccount";

const said = words.folders;

interface Props {
  account: EmailAccount;
  mayConfigure: boolean;
}

/** Which folders of a mailbox are synced, and how far each has been read. */
export function FoldersSection({ account, mayConfigure }: Props) {
  const folders = api.useQuery("get", "/api/v1/settings/email-accounts/{account_id}/folders", {
    params: { path: { account_id: account.id }, query: { limit: 200 } },
  });
  return (
    <Section title={said.title} about={said.about}>
      <Loaded query={folders}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title={said.emptyTitle} why={said.emptyWhy} />
          ) : (
            <FolderForm account={account} folders={data} mayConfigure={mayConfigure} />
          )
        }
      </Loaded>
    </Section>
  );
}

type Values = { mode: string; folders: string[] };

function FolderForm({ account, folders, mayConfigure }: Props & { folders: EmailFolder[] }) {
  const change = useChangeAccount(account.id);
  const { form, version, reset } = useServerForm<Values>(
    {
      values: {
        mode: account.folders ? "chosen" : "standard",
        folders: account.folders ?? folders.filter((each) => each.is_synced).map((each) => each.name),
      },
      version: account.version,
    },
    {
      validate: {
        folders: (chosen, values) =>
          values.mode === "chosen" && chosen.length === 0 ? said.chooseOne : null,
      },
    },
  );
  const saving = useSaving<Values>({
    form,
    version,
    save: ({ mode, folders: chosen }, based) => change({ folders: mode === "chosen" ? chosen : null }, based),
    onSaved: () => toastDone(said.saved, "folders"),
  });
  const isChosen = form.values.mode === "chosen";
  const toggle = (name: string, isOn: boolean) =>
    form.setFieldValue(
      "folders",
      isOn ? [...form.values.folders, name] : form.values.folders.filter((each) => each !== name),
    );
  return (
    <FormFrame
      saving={saving}
      isDirty={form.isDirty()}
      action={said.save}
      onTakeTheirs={reset}
      isReadOnly={!mayConfigure}
    >
      <Radio.Group aria-label={said.about} {...form.getInputProps("mode")}>
        <div className="stack">
          <Radio
            value="standard"
            label={said.standard}
            description={said.standardHint}
            disabled={!mayConfigure}
          />
          <Radio value="chosen" label={said.chosen} disabled={!mayConfigure} />
        </div>
      </Radio.Group>
      {form.errors.folders && <p role="alert">{form.errors.folders}</p>}
      <DataTable
        caption={said.caption}
        rows={folders}
        rowKey={(folder) => folder.name}
        columns={columnsOf({ isChosen, chosen: form.values.folders, toggle, mayConfigure })}
      />
    </FormFrame>
  );
}

function columnsOf(choice: {
  isChosen: boolean;
  chosen: string[];
  toggle: (name: string, isOn: boolean) => void;
  mayConfigure: boolean;
}): Column<EmailFolder>[] {
  const isSynced = (folder: EmailFolder) =>
    choice.isChosen ? choice.chosen.includes(folder.name) : ["inbox", "sent", "junk"].includes(folder.role);
  return [
    { title: said.name, cell: (folder) => <span className="break">{folder.name}</span> },
    { title: said.role, cell: (folder) => said.roles[folder.role] },
    {
      title: said.synced,
      cell: (folder) => (
        <Checkbox
          aria-label={said.choose(folder.name)}
          checked={isSynced(folder)}
          disabled={!choice.isChosen || !choice.mayConfigure}
          onChange={(event) => choice.toggle(folder.name, event.currentTarget.checked)}
        />
      ),
    },
    { title: said.lastRead, cell: (folder) => <When at={folder.synced_at} never={said.notYet} /> },
    { title: said.problem, cell: (folder) => <Trouble folder={folder} /> },
  ];
}

function Trouble({ folder }: { folder: EmailFolder }) {
  if (!folder.problem && folder.exists) return null;
  return (
    <span>
      {!folder.exists && <StatusBadge tone="warn">{said.gone}</StatusBadge>} {folder.problem}{" "}
      {folder.renamed_to && said.renamed(folder.renamed_to)}
    </span>
  );
}
