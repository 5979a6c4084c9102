"""GET /api/v1/settings/email-accounts/{account_id}/comparison: compare what a mail server has with what is stored.

Changes nothing on either side. Missing mail is fetched by the next poll that compares, such as poll-now.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_accounts.comparison import MailboxComparison


@endpoint(permission="email_accounts:poll")
def handler(request: Request, app: App) -> Reply[MailboxComparison]:
    return Reply(app.email_sync.sync.compare(actor=request.actor, account_id=request.path.uuid("account_id")))
