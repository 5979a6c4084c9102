"""GET /api/v1/settings/email-accounts/{account_id}: show one mailbox, its state and its limits."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_accounts.accounts import EmailAccount


@endpoint(permission="email_accounts:view")
def handler(request: Request, app: App) -> Reply[EmailAccount]:
    account_id = request.path.uuid("account_id")
    return Reply(app.email_accounts.accounts.get(actor=request.actor, account_id=account_id))
