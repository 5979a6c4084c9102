"""POST /api/v1/settings/webhook-events/test: send a test callback to our own public address."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.webhooks.events import WebhookTrial, WebhookTrialResult


@endpoint(permission="webhooks:replay", body=WebhookTrial)
def handler(request: Request, app: App) -> Reply[WebhookTrialResult]:
    return Reply(app.webhooks.trial.try_address(actor=request.actor, kind=request.body.kind))
