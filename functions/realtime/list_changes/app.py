"""GET /api/v1/communications/changes: list what changed since a sequence number."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.realtime import ChangeList, ChangesQuery


@endpoint(permission="realtime:listen", query=ChangesQuery)
def handler(request: Request, app: App) -> Reply[ChangeList]:
    return Reply(app.realtime.list_changes(actor=request.actor, query=request.query))
