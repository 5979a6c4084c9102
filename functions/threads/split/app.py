"""POST /api/v1/communications/threads/{thread_id}/split: move a message and its answers to a thread of their own.

Undoes a join for good: no evidence joins the two threads again.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.threads import Thread, ThreadSplit


@endpoint(permission="threads:update", body=ThreadSplit)
def handler(request: Request, app: App) -> Reply[Thread]:
    thread_id = request.path.uuid("thread_id")
    split = app.threads.update.split(actor=request.actor, thread_id=thread_id, content=request.body)
    return Reply(split, status=201)
