"""GET /api/v1/settings/email-accounts: list the mailboxes, without their passwords."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.email_accounts import EmailAccount


@endpoint(permission="email_accounts:view")
def handler(request: Request, app: App) -> Reply[list[EmailAccount]]:
    return listing(app.email_accounts.list_all(actor=request.actor))
