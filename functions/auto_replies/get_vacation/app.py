"""GET /api/v1/settings/email-accounts/{account_id}/vacation: show a mailbox's vacation responder."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.auto_replies.vacation import VacationResponder


@endpoint(permission="auto_replies:view")
def handler(request: Request, app: App) -> Reply[VacationResponder]:
    account_id = request.path.uuid("account_id")
    return Reply(app.auto_replies.responders.get(actor=request.actor, account_id=account_id))
