"""POST /api/v1/settings/email-rules/reorder: set the order in which the rules run.

`rule_ids` names every rule of the organization once.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.email_rules.rules import ListedEmailRule, RuleOrder


@endpoint(permission="email_rules:configure", body=RuleOrder, versioned=True)
def handler(request: Request, app: App) -> Reply[list[ListedEmailRule]]:
    return listing(
        app.email_rules.rules.reorder(actor=request.actor, order=request.body, based_on=request.based_on)
    )
