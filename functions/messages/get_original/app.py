"""GET /api/v1/communications/messages/{message_id}/original: return a link to save a mail as it came.

The link is valid for five minutes and needs no session.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.display import OriginalLink


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[OriginalLink]:
    return Reply(
        app.messages.attachments.original(actor=request.actor, message_id=request.path.uuid("message_id"))
    )
