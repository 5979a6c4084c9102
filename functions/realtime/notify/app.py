"""Queue of organizations with new changes: push an organization's latest changes to its open WebSockets."""

from collections.abc import Sequence

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import ChangesDue


@worker(item=ChangesDue, in_sets=True)
def handler(dues: Sequence[ChangesDue], app: App) -> None:
    app.pushes.push(organization_id=dues[0].organization_id)
