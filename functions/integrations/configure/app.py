"""POST /api/v1/settings/integrations/{type}: test credentials, then save them encrypted and sync their numbers.

Credentials that the provider refuses are not saved unless forced, and the former ones stay. Replaced credentials
keep working for a while.
"""

from banxway.entrypoints.http import App, ByPath, Reply, Request, endpoint
from banxway.models.integrations.configurations import CONFIGURATIONS_BY_TYPE
from banxway.models.integrations.integrations import ConfiguredIntegration


@endpoint(
    permission="integrations:configure",
    body=ByPath("type", CONFIGURATIONS_BY_TYPE),
    versioned=True,
    notifies=True,
)
def handler(request: Request, app: App) -> Reply[ConfiguredIntegration]:
    configured = app.integrations.configure.configure(
        actor=request.actor,
        integration_type=request.path.text("type"),
        typed=request.body,
        based_on=request.based_on,
    )
    return Reply(configured, message="Integration configured", status=201 if configured.is_new else 200)
