"""POST /api/v1/settings/integrations/exotel_whatsapp/sync-templates: fetch the account's WhatsApp templates again."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import TemplateSync


@endpoint(permission="integrations:configure", notifies=True)
def handler(request: Request, app: App) -> Reply[TemplateSync]:
    return Reply(app.integrations.whatsapp_templates.sync(actor=request.actor))
