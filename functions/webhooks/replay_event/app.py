"""POST /api/v1/settings/webhook-events/{event_id}/replay: apply a callback again, or show what that would change.

`dry_run` is true unless you say otherwise. Nothing is sent to customers.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.webhooks.events import WebhookReplay, WebhookReplayResult


@endpoint(permission="webhooks:replay", body=WebhookReplay)
def handler(request: Request, app: App) -> Reply[WebhookReplayResult]:
    result = app.webhooks.replay.replay(
        actor=request.actor, event_id=request.path.uuid("event_id"), dry_run=request.body.dry_run
    )
    return Reply(result)
