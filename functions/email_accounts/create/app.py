"""POST /api/v1/settings/email-accounts: test a mailbox, then save it with its passwords encrypted."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_accounts.accounts import EmailAccount, NewEmailAccount


@endpoint(permission="email_accounts:configure", body=NewEmailAccount, notifies=True)
def handler(request: Request, app: App) -> Reply[EmailAccount]:
    created = app.email_accounts.accounts.create(actor=request.actor, account=request.body)
    return Reply(created, message="Email account added", status=201)
