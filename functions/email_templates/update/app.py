"""PATCH /api/v1/settings/email-templates/{template_id}: change a mail template; what was sent with it stays."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_templates import EmailTemplate, EmailTemplateChange


@endpoint(permission="email_templates:configure", body=EmailTemplateChange, versioned=True)
def handler(request: Request, app: App) -> Reply[EmailTemplate]:
    template_id = request.path.uuid("template_id")
    changed = app.email_templates.templates.update(
        actor=request.actor, template_id=template_id, change=request.body, based_on=request.based_on
    )
    return Reply(changed, message="Email template updated")
