"""GET /api/v1/settings/integrations/{type}/permissions: list who may see and use an integration.

Each comes with its use in the last 30 days, for the monthly review of permissions and limits.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.integrations.integrations import INTEGRATION_TYPES
from banxway.models.integrations.permissions import PermissionInUse
from banxway.models.pages import PageQuery


@endpoint(permission="permissions:manage", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[PermissionInUse]]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    found = app.integrations.permissions.list_of_type(
        actor=request.actor, integration_type=integration_type, query=request.query
    )
    return page(found)
