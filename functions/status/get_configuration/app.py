"""GET /api/v1/settings/configuration-status: show which channels are configured and what is missing."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.status.configuration import ConfigurationStatus


@endpoint(permission="status:view")
def handler(request: Request, app: App) -> Reply[ConfigurationStatus]:
    return Reply(app.status.configuration.get(actor=request.actor))
