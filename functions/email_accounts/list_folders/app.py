"""GET /api/v1/settings/email-accounts/{account_id}/folders: list a mailbox's folders and which are synced."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.email_accounts.accounts import EmailFolder
from banxway.models.pages import PageQuery


@endpoint(permission="email_accounts:view", query=PageQuery)
def handler(request: Request, app: App) -> Reply[list[EmailFolder]]:
    account_id = request.path.uuid("account_id")
    return page(
        app.email_accounts.accounts.list_folders(
            actor=request.actor, account_id=account_id, query=request.query
        )
    )
