"""GET /api/v1/settings/webhook-events: list the callbacks of providers, the latest first."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.webhooks.events import WebhookEvent, WebhookEventQuery


@endpoint(permission="webhooks:view", query=WebhookEventQuery)
def handler(request: Request, app: App) -> Reply[list[WebhookEvent]]:
    return page(app.webhooks.log.list_page(actor=request.actor, query=request.query))
