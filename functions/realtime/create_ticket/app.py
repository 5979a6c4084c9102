"""POST /api/v1/realtime/ticket: hand out a single-use ticket that opens a WebSocket."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.realtime import Ticket


@endpoint(permission="realtime:listen")
def handler(request: Request, app: App) -> Reply[Ticket]:
    return Reply(app.realtime.create_ticket(actor=request.actor), status=201)
