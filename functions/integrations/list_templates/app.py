"""GET /api/v1/settings/whatsapp-templates: list the WhatsApp templates as last synced."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.integrations.whatsapp_templates import WhatsAppTemplate
from banxway.models.pages import PageQuery


@endpoint(permission="integrations:view", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[WhatsAppTemplate]]:
    return page(app.integrations.whatsapp_templates.list_page(actor=request.actor, query=request.query))
