"""GET /api/v1/settings/dead-letters: list what failed at every attempt, in groups by queue and cause."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.dead_letters.dead_letters import DeadLetterGroup, DeadLetterQuery


@endpoint(permission="dead_letters:view", query=DeadLetterQuery)
def handler(request: Request, app: App) -> Reply[list[DeadLetterGroup]]:
    return listing(app.dead_letters.lists.list_groups(actor=request.actor, query=request.query))
