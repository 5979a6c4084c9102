"""POST /api/v1/communications/threads/{thread_id}/messages/preview: say what sending a message would do.

It returns who would receive it, at which address and why, from where, and the text. Nothing is sent or stored.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages import MessagePreview, NewMessage


@endpoint(permission="messages:send", body=NewMessage)
def handler(request: Request, app: App) -> Reply[MessagePreview]:
    thread_id = request.path.uuid("thread_id")
    return Reply(app.previews.preview(actor=request.actor, thread_id=thread_id, content=request.body))
