import { Link, useParams } from "@tanstack/react-router";
import { api } from "@/api/client";
import { Loaded } from "@/parts/Loaded";
import { ReadOnly } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { useMay, useMe } from "@/session/useMe";
import { words } from "@/words/email_templates";
import { DeleteTemplate } from "./DeleteTemplate";
import { TemplateForm } from "./TemplateForm";
import { TemplatePreview } from "./TemplatePreview";

const NEW = "new";

/** Writes a template, and shows what a customer gets. */
export default function TemplatePage() {
  const { templateId } = useParams({ strict: false }) as { templateId: string };
  const back = <Link to="/settings/templates">{words.back}</Link>;
  const me = useMe();
  const may = useMay("email_templates:configure");
  if (templateId === NEW)
    return (
      <Page title={words.newTitle} actions={back}>
        {me && !may && <ReadOnly />}
        {may && <TemplateForm may />}
      </Page>
    );
  return <StoredTemplate key={templateId} id={templateId} may={may} />;
}

function StoredTemplate({ id, may }: { id: string; may: boolean }) {
  const me = useMe();
  const template = api.useQuery("get", "/api/v1/settings/email-templates/{template_id}", {
    params: { path: { template_id: id } },
  });
  return (
    <Page
      title={template.data?.data.name ?? words.title}
      actions={<Link to="/settings/templates">{words.back}</Link>}
    >
      {me && !may && <ReadOnly />}
      <Loaded query={template}>
        {({ data }) => (
          <>
            <TemplateForm template={data} may={may} />
            <TemplatePreview template={data} />
            {may && <DeleteTemplate template={data} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}
