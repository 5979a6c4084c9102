"""PATCH /api/v1/settings/organization: rename the organization."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.organizations import Organization, OrganizationChange


@endpoint(permission="organizations:update", body=OrganizationChange, versioned=True)
def handler(request: Request, app: App) -> Reply[Organization]:
    return Reply(
        app.organizations.account.update(actor=request.actor, change=request.body, based_on=request.based_on)
    )
