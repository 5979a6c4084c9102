"""GET /api/v1/settings/overview: show whether each channel works, its last traffic, and what is left to set up."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.status.overview import Overview


@endpoint(permission="status:view")
def handler(request: Request, app: App) -> Reply[Overview]:
    return Reply(app.status.overview.get(actor=request.actor))
