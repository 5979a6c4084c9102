"""GET /api/v1/communications/messages/{message_id}/attachments/{attachment_id}: return a link to save an attachment.

The link is valid for five minutes and needs no session.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.display import AttachmentLink


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[AttachmentLink]:
    link = app.messages.attachments.link(
        actor=request.actor,
        message_id=request.path.uuid("message_id"),
        attachment_id=request.path.uuid("attachment_id"),
    )
    return Reply(link)
