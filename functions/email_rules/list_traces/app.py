"""GET /api/v1/communications/messages/{message_id}/rule-traces: show which rules fired for a message, and why.

Each trace has the rule's name, the conditions that matched, the text that each matched, and each action's result.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.email_rules.traces import RuleTrace


@endpoint(permission="threads:view")
def handler(request: Request, app: App) -> Reply[list[RuleTrace]]:
    message_id = request.path.uuid("message_id")
    return listing(app.email_rules.rules.list_traces(actor=request.actor, message_id=message_id))
