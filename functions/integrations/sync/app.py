"""POST /api/v1/settings/integrations/{type}/sync: fetch the account's phone numbers again."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import NUMBER_SYNC_TYPES, NumberSync


@endpoint(permission="integrations:configure", notifies=True)
def handler(request: Request, app: App) -> Reply[NumberSync]:
    integration_type = request.path.choice("type", NUMBER_SYNC_TYPES)
    return Reply(app.integrations.upkeep.sync_numbers(actor=request.actor, integration_type=integration_type))
