"""GET /api/v1/settings/dead-letters/items: list dead letters one by one, the latest failure first."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.dead_letters.dead_letters import DeadLetterItem, DeadLetterItemQuery


@endpoint(permission="dead_letters:view", query=DeadLetterItemQuery)
def handler(request: Request, app: App) -> Reply[list[DeadLetterItem]]:
    return page(app.dead_letters.lists.list_page(actor=request.actor, query=request.query))
