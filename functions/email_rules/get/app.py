"""GET /api/v1/settings/email-rules/{rule_id}: show one rule for inbound mail."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_rules.rules import EmailRule


@endpoint(permission="email_rules:view")
def handler(request: Request, app: App) -> Reply[EmailRule]:
    return Reply(app.email_rules.rules.get(actor=request.actor, rule_id=request.path.uuid("rule_id")))
