"""PUT /api/v1/communications/threads/{thread_id}/customer: set the customer of a thread.

Use it to accept a suggested customer: from then on answers to the forwarded message go to its author.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.threads.threads import Thread, ThreadCustomer


@endpoint(permission="threads:update", body=ThreadCustomer)
def handler(request: Request, app: App) -> Reply[Thread]:
    thread_id = request.path.uuid("thread_id")
    return Reply(
        app.threads.update.set_customer(actor=request.actor, thread_id=thread_id, content=request.body)
    )
