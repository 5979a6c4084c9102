"""POST /api/v1/communications/threads/{thread_id}/read: mark a thread's messages as read.

Repeating it changes nothing. On the mail server they are marked only if the mailbox's `marks_seen` is true.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.threads import ThreadRead


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[ThreadRead]:
    return Reply(
        app.threads.read_state.mark_read(actor=request.actor, thread_id=request.path.uuid("thread_id"))
    )
