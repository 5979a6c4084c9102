"""GET /api/v1/communications/messages/{message_id}/display: link to a message as a page, for a sandboxed frame.

The link is valid for five minutes and needs no session. Images of other servers are left out unless
`remote_images=true` asks for them.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.display import DisplayLink, DisplayQuery


@endpoint(permission="threads:view", query=DisplayQuery)
def handler(request: Request, app: App) -> Reply[DisplayLink]:
    link = app.messages.display.link(
        actor=request.actor,
        message_id=request.path.uuid("message_id"),
        remote_images=request.query.remote_images,
    )
    return Reply(link)
