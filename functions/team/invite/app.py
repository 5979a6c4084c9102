"""POST /api/v1/settings/team: invite a person, who becomes a member with the first sign-in.

The person has seven days, and must sign in with the address that was invited.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.team import Invitation, MemberToInvite


@endpoint(permission="team:manage", body=MemberToInvite)
def handler(request: Request, app: App) -> Reply[Invitation]:
    return Reply(app.team.invitations.invite(actor=request.actor, person=request.body), status=201)
