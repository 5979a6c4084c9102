"""GET /api/v1/settings/integrations/{type}/permissions: list who may see and use an integration."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.integration_permissions import IntegrationPermission
from banxway.models.integrations import INTEGRATION_TYPES


@endpoint(permission="permissions:manage")
def handler(request: Request, app: App) -> Reply[list[IntegrationPermission]]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    return listing(
        app.integration_permissions.list_of_type(actor=request.actor, integration_type=integration_type)
    )
