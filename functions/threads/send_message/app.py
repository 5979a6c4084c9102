"""POST /api/v1/communications/threads/{thread_id}/messages: send one message on a thread.

The same Idempotency-Key with the same body returns the first answer and contacts nobody again.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.messages import NewMessage, SentMessage


@endpoint(permission="messages:send", body=NewMessage, idempotent=True)
def handler(request: Request, app: App) -> Reply[SentMessage]:
    sent = app.messages.send.send(
        actor=request.actor,
        thread_id=request.path.uuid("thread_id"),
        content=request.body,
        once=request.once,
    )
    return Reply(sent)
