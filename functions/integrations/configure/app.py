"""POST /api/v1/settings/integrations/{type}: test credentials, then save them encrypted and sync their numbers.

What the provider refuses is not saved; the former credentials stay.
"""

from banxway.entrypoints.http import App, ByPath, Reply, Request, endpoint
from banxway.models.integrations import CREDENTIALS_BY_TYPE, ConfiguredIntegration


@endpoint(permission="integrations:configure", body=ByPath("type", CREDENTIALS_BY_TYPE))
def handler(request: Request, app: App) -> Reply[ConfiguredIntegration]:
    configured = app.integrations.configure(
        actor=request.actor, integration_type=request.path.text("type"), typed=request.body
    )
    return Reply(configured, message="Integration configured")
