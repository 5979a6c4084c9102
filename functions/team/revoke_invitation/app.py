"""DELETE /api/v1/settings/team/{user_id}: revoke an invitation that nobody has accepted."""

from banxway.entrypoints.http import App, Reply, Request, endpoint


@endpoint(permission="team:manage")
def handler(request: Request, app: App) -> Reply[None]:
    app.team.invitations.revoke(actor=request.actor, user_id=request.path.uuid("user_id"))
    return Reply(None, message="Invitation revoked")
