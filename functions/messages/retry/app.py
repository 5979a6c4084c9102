"""POST /api/v1/communications/messages/{message_id}/retry: send one failed message again.

Allowed only where nobody can get it twice: the failure proves that the provider took nothing, or the outcome is
unknown and the body says `confirm_not_delivered`. The same Idempotency-Key with the same body returns the first
answer.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.messages import RetryOfMessage, SentMessage


@endpoint(permission="messages:send", body=RetryOfMessage, idempotent=True)
def handler(request: Request, app: App) -> Reply[SentMessage]:
    sent = app.messages.send.retry(
        actor=request.actor, message_id=request.path.uuid("message_id"), wish=request.body, once=request.once
    )
    return Reply(sent)
