"""PUT /api/v1/settings/email-accounts/{account_id}/vacation: replace a mailbox's vacation responder.

From then on it answers people who write to the mailbox, each person once per period.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.auto_replies.vacation import VacationResponder, VacationSettings


@endpoint(permission="auto_replies:configure", body=VacationSettings, versioned=True)
def handler(request: Request, app: App) -> Reply[VacationResponder]:
    account_id = request.path.uuid("account_id")
    return Reply(
        app.auto_replies.responders.set(
            actor=request.actor, account_id=account_id, settings=request.body, based_on=request.based_on
        )
    )
