"""GET /api/v1/communications/threads: list threads, most recently active first."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.threads.threads import ThreadQuery, ThreadSummary


@endpoint(permission="threads:view", query=ThreadQuery)
def handler(request: Request, app: App) -> Reply[list[ThreadSummary]]:
    return page(app.threads.read.list_page(actor=request.actor, query=request.query))
