"""GET /api/v1/settings/team: list the members with their roles, numbers and permissions."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.team import TeamMember


@endpoint(permission="team:view")
def handler(request: Request, app: App) -> Reply[list[TeamMember]]:
    return listing(app.team.list_all(actor=request.actor))
