"""DELETE /api/v1/settings/integrations/{type}: remove an integration's credentials and keep its history."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import INTEGRATION_TYPES


@endpoint(permission="integrations:configure", notifies=True)
def handler(request: Request, app: App) -> Reply[None]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    app.integrations.read.delete(actor=request.actor, integration_type=integration_type)
    return Reply(None, message="Integration deleted")
