"""PUT /api/v1/settings/team/me/phone-number: record the telephone that the sign-in service has verified.

The session token must name the same number in `phone_number`, with `phone_number_verified`.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.team import Me, OwnNumber


@endpoint(permission="team:update_own", body=OwnNumber)
def handler(request: Request, app: App) -> Reply[Me]:
    verified = request.verified_phone_number
    return Reply(app.team.me.confirm_phone_number(actor=request.actor, given=request.body, verified=verified))
