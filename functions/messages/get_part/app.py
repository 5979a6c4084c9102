"""GET /api/v1/communications/messages/{message_id}/parts/{field}: return one field of a message in full, in pieces.

For fields that lists shorten: `is_cut` and `cut_fields` of a message name them.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.messages import MESSAGE_FIELDS, MessagePart, MessagePartQuery


@endpoint(permission="threads:view", query=MessagePartQuery)
def handler(request: Request, app: App) -> Reply[MessagePart]:
    part = app.messages.attachments.part(
        actor=request.actor,
        message_id=request.path.uuid("message_id"),
        field=request.path.choice("field", MESSAGE_FIELDS),
        cursor=request.query.cursor,
    )
    return Reply(part)
