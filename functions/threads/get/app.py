"""GET /api/v1/communications/threads/{thread_id}: show one thread with its customer and messages."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.threads import Thread


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[Thread]:
    return Reply(app.threads.read.get(actor=request.actor, thread_id=request.path.uuid("thread_id")))
