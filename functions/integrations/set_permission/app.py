"""POST /api/v1/settings/integrations/{type}/permissions: set what a user may do with an integration.

Replaces the user's former permission. Admins may do everything without one.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import INTEGRATION_TYPES
from banxway.models.integrations.permissions import IntegrationPermission, PermissionChange


@endpoint(permission="permissions:manage", body=PermissionChange, versioned=True)
def handler(request: Request, app: App) -> Reply[IntegrationPermission]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    permission = app.integrations.permissions.set(
        actor=request.actor, integration_type=integration_type, change=request.body, based_on=request.based_on
    )
    return Reply(permission)
