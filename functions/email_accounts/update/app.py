"""PATCH /api/v1/settings/email-accounts/{account_id}: change a mailbox; a new login is tested first."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_accounts.accounts import EmailAccount, EmailAccountChange


@endpoint(permission="email_accounts:configure", body=EmailAccountChange, versioned=True, notifies=True)
def handler(request: Request, app: App) -> Reply[EmailAccount]:
    account_id = request.path.uuid("account_id")
    changed = app.email_accounts.accounts.update(
        actor=request.actor, account_id=account_id, change=request.body, based_on=request.based_on
    )
    return Reply(changed, message="Email account updated")
