"""GET /api/v1/settings/organization: show the organization of the signed-in user."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.organizations import Organization


@endpoint(permission="organizations:view")
def handler(request: Request, app: App) -> Reply[Organization]:
    return Reply(app.organizations.account.get(actor=request.actor))
