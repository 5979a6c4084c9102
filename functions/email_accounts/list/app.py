"""GET /api/v1/settings/email-accounts: list the mailboxes, without their passwords."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.email_accounts.accounts import EmailAccount
from banxway.models.pages import PageQuery


@endpoint(permission="email_accounts:view", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[EmailAccount]]:
    return page(app.email_accounts.accounts.list_page(actor=request.actor, query=request.query))
