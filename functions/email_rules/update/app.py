"""PATCH /api/v1/settings/email-rules/{rule_id}: change a rule, or switch it on or off.

Conditions and actions are replaced as a whole. A rule that now says something new forwards only mail that arrives
from then on.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.email_rules.rules import EmailRule, EmailRuleChange


@endpoint(permission="email_rules:configure", body=EmailRuleChange, versioned=True)
def handler(request: Request, app: App) -> Reply[EmailRule]:
    rule_id = request.path.uuid("rule_id")
    return Reply(
        app.email_rules.rules.update(
            actor=request.actor, rule_id=rule_id, change=request.body, based_on=request.based_on
        )
    )
