"""GET /api/v1/settings/integrations: list every integration of the organization."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.integrations.integrations import Integration


@endpoint(permission="integrations:view")
def handler(request: Request, app: App) -> Reply[list[Integration]]:
    return listing(app.integrations.read.list_all(actor=request.actor))
