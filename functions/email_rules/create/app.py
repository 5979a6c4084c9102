"""POST /api/v1/settings/email-rules: add a rule for inbound mail, to run after all others.

An organization may have 50 rules, with 200 conditions in all.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_rules.rules import EmailRule, NewEmailRule


@endpoint(permission="email_rules:configure", body=NewEmailRule)
def handler(request: Request, app: App) -> Reply[EmailRule]:
    return Reply(app.email_rules.rules.create(actor=request.actor, rule=request.body), status=201)
