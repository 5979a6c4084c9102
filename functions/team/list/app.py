"""GET /api/v1/settings/team: list the members and invitations with their roles, numbers and permissions."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.pages import PageQuery
from banxway.models.team import TeamMember


@endpoint(permission="team:view", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[TeamMember]]:
    return page(app.team.members.list_page(actor=request.actor, query=request.query))
