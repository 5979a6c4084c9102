import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "@/api/client";
import type { EmailTemplate } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PlusIcon } from "@/parts/icons";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { When } from "@/parts/When";
import { useMay, useMe } from "@/session/useMe";
import { words } from "@/words/email_templates";

const COLUMNS: Column<EmailTemplate>[] = [
  {
    title: words.columns.name,
    cell: (template) => <Link to={`/settings/templates/${template.id}` as string}>{template.name}</Link>,
  },
  { title: words.columns.subject, cell: (template) => template.subject },
  {
    title: words.columns.variables,
    cell: ({ variables }) =>
      variables.length > 0 ? variables.join(", ") : <span className="muted">{words.none}</span>,
  },
  { title: words.columns.changed, cell: (template) => <When at={template.updated_at} /> },
];

/** The mail templates of the organization. */
export default function TemplatesPage() {
  const templates = api.useQuery("get", "/api/v1/settings/email-templates", {
    params: { query: { limit: 200 } },
  });
  const me = useMe();
  const may = useMay("email_templates:configure");
  const navigate = useNavigate();
  const add = () => void navigate({ to: "/settings/templates/new" as string });
  const button = (
    <Button leftSection={<PlusIcon size={16} />} onClick={add}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} about={words.about} actions={may && button}>
      {me && !may && <ReadOnly />}
      <Loaded query={templates}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState
              title={words.empty.title}
              why={words.empty.why}
              action={
                may && (
                  <Button variant="default" onClick={add}>
                    {words.empty.action}
                  </Button>
                )
              }
            />
          ) : (
            <DataTable caption={words.caption} columns={COLUMNS} rows={data} rowKey={(each) => each.id} />
          )
        }
      </Loaded>
    </Page>
  );
}
