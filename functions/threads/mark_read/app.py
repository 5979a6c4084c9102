"""POST /api/v1/communications/threads/{thread_id}/read: note that a thread's messages were read.

Repeating it changes nothing. On the mail server they are marked only where the mailbox says so.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.threads import ThreadRead


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[ThreadRead]:
    return Reply(app.read_marks.mark_read(actor=request.actor, thread_id=request.path.uuid("thread_id")))
