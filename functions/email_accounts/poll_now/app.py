"""POST /api/v1/settings/email-accounts/{account_id}/poll-now: poll one mailbox at once and return what arrived."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_accounts.accounts import PollResult


@endpoint(permission="email_accounts:poll")
def handler(request: Request, app: App) -> Reply[PollResult]:
    return Reply(
        app.email_sync.sync.poll_now(actor=request.actor, account_id=request.path.uuid("account_id"))
    )
