"""DELETE /api/v1/settings/email-accounts/{account_id}: remove a mailbox with its sync state; its messages stay.

Mail that is still queued there fails, with the reason.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint


@endpoint(permission="email_accounts:configure", notifies=True)
def handler(request: Request, app: App) -> Reply[None]:
    account_id = request.path.uuid("account_id")
    app.email_accounts.accounts.delete(actor=request.actor, account_id=account_id)
    return Reply(None, message="Email account removed")
