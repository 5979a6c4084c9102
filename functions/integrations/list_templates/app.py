"""GET /api/v1/settings/whatsapp-templates: list the WhatsApp templates as last synced."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.whatsapp_templates import WhatsAppTemplate


@endpoint(permission="integrations:view")
def handler(request: Request, app: App) -> Reply[list[WhatsAppTemplate]]:
    return listing(app.whatsapp_templates.list_all(actor=request.actor))
