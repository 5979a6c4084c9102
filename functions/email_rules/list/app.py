"""GET /api/v1/settings/email-rules: list the rules for inbound mail in the order in which they run."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.email_rules.rules import ListedEmailRule


@endpoint(permission="email_rules:view")
def handler(request: Request, app: App) -> Reply[list[ListedEmailRule]]:
    return listing(app.email_rules.rules.list_all(actor=request.actor))
