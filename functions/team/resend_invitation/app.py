"""POST /api/v1/settings/team/{user_id}/resend: open an invitation for another seven days, and send it again."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.team import Invitation


@endpoint(permission="team:manage")
def handler(request: Request, app: App) -> Reply[Invitation]:
    return Reply(app.team.invitations.resend(actor=request.actor, user_id=request.path.uuid("user_id")))
