"""POST /api/v1/communications/threads/{thread_id}/messages/preview: show what sending a message would do.

Takes every body that sending takes, templates included, and refuses what sending refuses. Returns who would receive
it, at which address and why, from where, its text and its files. Nothing is sent or stored.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.messages import MessagePreview, MessageToPreview


@endpoint(permission="messages:send", body=MessageToPreview)
def handler(request: Request, app: App) -> Reply[MessagePreview]:
    thread_id = request.path.uuid("thread_id")
    return Reply(app.messages.preview.preview(actor=request.actor, thread_id=thread_id, content=request.body))
