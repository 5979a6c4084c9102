"""GET /api/v1/settings/integrations/{type}: show one integration, without its credentials."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import INTEGRATION_TYPES, Integration


@endpoint(permission="integrations:view")
def handler(request: Request, app: App) -> Reply[Integration]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    return Reply(app.integrations.read.get(actor=request.actor, integration_type=integration_type))
