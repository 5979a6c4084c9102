"""GET /api/v1/settings/team/me: show the signed-in user, the organization, and what the user may do."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.team import Me


@endpoint(permission="team:view_own")
def handler(request: Request, app: App) -> Reply[Me]:
    return Reply(app.team.me.get(actor=request.actor))
