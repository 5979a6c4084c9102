"""PATCH /api/v1/communications/threads/{thread_id}: change a thread's status, assignee, tags or spam mark.

Fields that are left out stay as they are; a null assignee assigns the thread to nobody.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.threads import Thread, ThreadChange


@endpoint(permission="threads:update", body=ThreadChange)
def handler(request: Request, app: App) -> Reply[Thread]:
    thread_id = request.path.uuid("thread_id")
    return Reply(app.threads.update.update(actor=request.actor, thread_id=thread_id, change=request.body))
