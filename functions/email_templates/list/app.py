"""GET /api/v1/settings/email-templates: list the mail templates with the variables that each wants."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.email_templates import EmailTemplate


@endpoint(permission="email_templates:view")
def handler(request: Request, app: App) -> Reply[list[EmailTemplate]]:
    return listing(app.email_templates.list_all(actor=request.actor))
