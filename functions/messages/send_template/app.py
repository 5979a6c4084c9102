"""POST /api/v1/communications/messages/send-template: send one approved WhatsApp template on a thread.

The same Idempotency-Key with the same body returns the first answer and contacts nobody again.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.messages import NewTemplateMessage, SentMessage


@endpoint(permission="messages:send", body=NewTemplateMessage, idempotent=True)
def handler(request: Request, app: App) -> Reply[SentMessage]:
    sent = app.messages.send.send(
        actor=request.actor, thread_id=request.body.thread_id, content=request.body, once=request.once
    )
    return Reply(sent)
