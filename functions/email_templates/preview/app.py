"""POST /api/v1/settings/email-templates/{template_id}/preview: render a mail template with these variables."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_templates import PreviewedEmail, TemplatePreview


@endpoint(permission="email_templates:view", body=TemplatePreview)
def handler(request: Request, app: App) -> Reply[PreviewedEmail]:
    template_id = request.path.uuid("template_id")
    previewed = app.email_templates.templates.preview(
        actor=request.actor, template_id=template_id, preview=request.body
    )
    return Reply(previewed)
