"""GET /api/v1/communications/threads/{thread_id}/messages: list a thread's messages, newest first.

The `next_cursor` of the thread itself continues after the messages that it shows.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.threads.messages import Message
from banxway.models.threads.threads import MessagesQuery


@endpoint(permission="threads:view", query=MessagesQuery)
def handler(request: Request, app: App) -> Reply[list[Message]]:
    found = app.threads.read.list_messages(
        actor=request.actor, thread_id=request.path.uuid("thread_id"), query=request.query
    )
    return page(found)
