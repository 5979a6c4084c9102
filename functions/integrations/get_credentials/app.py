"""GET /api/v1/settings/integrations/{type}/credentials: show an integration's credentials to an admin.

Each reading is audited before it is answered; a user's sixth reading within an hour notifies the admins.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.integrations.integrations import INTEGRATION_TYPES, RevealedCredentials


@endpoint(permission="integrations:read_credentials")
def handler(request: Request, app: App) -> Reply[RevealedCredentials]:
    integration_type = request.path.choice("type", INTEGRATION_TYPES)
    return Reply(app.integrations.readings.read(actor=request.actor, integration_type=integration_type))
