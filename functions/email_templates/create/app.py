"""POST /api/v1/settings/email-templates: save a mail template."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_templates import EmailTemplate, NewEmailTemplate


@endpoint(permission="email_templates:configure", body=NewEmailTemplate)
def handler(request: Request, app: App) -> Reply[EmailTemplate]:
    created = app.email_templates.templates.create(actor=request.actor, template=request.body)
    return Reply(created, message="Email template added", status=201)
