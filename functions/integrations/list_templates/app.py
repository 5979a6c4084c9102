"""GET /api/v1/settings/whatsapp-templates: list the WhatsApp templates as last synced."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.pages import PageQuery
from banxway.models.whatsapp_templates import WhatsAppTemplate


@endpoint(permission="integrations:view", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[WhatsAppTemplate]]:
    return page(app.whatsapp_templates.list_page(actor=request.actor, query=request.query))
