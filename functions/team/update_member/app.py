"""PATCH /api/v1/settings/team/{user_id}: change a member's role, name or telephone, or whether they may sign in.

It takes effect with the member's next request; a member who may no longer sign in loses open WebSockets at once.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.team import MemberChange, TeamMember


@endpoint(permission="team:manage", body=MemberChange, versioned=True)
def handler(request: Request, app: App) -> Reply[TeamMember]:
    user_id = request.path.uuid("user_id")
    return Reply(
        app.team.members.update_member(
            actor=request.actor, user_id=user_id, change=request.body, based_on=request.based_on
        )
    )
