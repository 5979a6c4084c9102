"""DELETE /api/v1/settings/email-rules/{rule_id}: delete a rule; the traces of what it did stay."""

from banxway.entrypoints.http import App, Reply, Request, endpoint


@endpoint(permission="email_rules:configure")
def handler(request: Request, app: App) -> Reply[None]:
    app.email_rules.rules.delete(actor=request.actor, rule_id=request.path.uuid("rule_id"))
    return Reply(None, message="Email rule deleted")
