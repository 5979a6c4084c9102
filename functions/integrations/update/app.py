"""PATCH /api/v1/settings/integrations/{type}: rename an integration, switch it on or off, revoke its callback URL."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import INTEGRATION_TYPES, Integration, IntegrationChange


@endpoint(permission="integrations:configure", body=IntegrationChange, versioned=True, notifies=True)
def handler(request: Request, app: App) -> Reply[Integration]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    changed = app.integrations.read.update(
        actor=request.actor, integration_type=integration_type, change=request.body, based_on=request.based_on
    )
    return Reply(changed, message="Integration updated")
