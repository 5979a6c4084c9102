"""GET /api/v1/settings/email-templates/{template_id}: show one mail template with the variables that it uses."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_templates import EmailTemplate


@endpoint(permission="email_templates:view")
def handler(request: Request, app: App) -> Reply[EmailTemplate]:
    template_id = request.path.uuid("template_id")
    return Reply(app.email_templates.templates.get(actor=request.actor, template_id=template_id))
