"""PUT /api/v1/settings/team/me/preferences: save how the signed-in user wants the console to look and behave.

They follow the user to every browser; GET on the signed-in user returns them.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.team import Preferences


@endpoint(permission="team:update_own", body=Preferences)
def handler(request: Request, app: App) -> Reply[Preferences]:
    return Reply(app.team.me.set_preferences(actor=request.actor, preferences=request.body))
