"""GET /api/v1/settings/email-templates: list the mail templates with the variables that each uses."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.email_templates import EmailTemplate
from banxway.models.pages import PageQuery


@endpoint(permission="email_templates:view", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[EmailTemplate]]:
    return page(app.email_templates.templates.list_page(actor=request.actor, query=request.query))
