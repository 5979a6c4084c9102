"""POST /api/v1/settings/email-accounts/test: test a mailbox's SMTP and IMAP logins without saving them.

A failed login is an answer, not an error: the SMTP and the IMAP half each say what they found.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_accounts.accounts import EmailAccountLogin
from banxway.models.integrations.checks import EmailAccountCheck


@endpoint(permission="email_accounts:configure", body=EmailAccountLogin, notifies=True)
def handler(request: Request, app: App) -> Reply[EmailAccountCheck]:
    check = app.email_accounts.accounts.test(actor=request.actor, login=request.body)
    return Reply(check, is_success=check.works, status=200 if check.works else 422)
