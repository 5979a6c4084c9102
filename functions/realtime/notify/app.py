"""Queue of organizations with new changes: push an organization's latest changes to its open WebSockets."""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import ChangesDue


@worker(item=ChangesDue)
def handler(due: ChangesDue, app: App) -> None:
    app.pushes.push(organization_id=due.organization_id)
