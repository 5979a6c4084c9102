"""GET /api/v1/communications/messages/{message_id}/original: link to a mail as it came, for saving it.

The link is good for five minutes and needs no session.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.display import OriginalLink


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[OriginalLink]:
    return Reply(app.attachments.original(actor=request.actor, message_id=request.path.uuid("message_id")))
