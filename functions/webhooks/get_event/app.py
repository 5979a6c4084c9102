"""GET /api/v1/settings/webhook-events/{event_id}: show one callback, its body, and what it is about now."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.webhooks.events import WebhookEventDetail


@endpoint(permission="webhooks:view")
def handler(request: Request, app: App) -> Reply[WebhookEventDetail]:
    return Reply(app.webhooks.log.get(actor=request.actor, event_id=request.path.uuid("event_id")))
