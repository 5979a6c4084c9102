"""Queue of rotations: work on one organization's rotation for a while.

What is left is enqueued again. If a worker is killed anywhere, the next one continues after the last batch.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import RotationDue


@worker(item=RotationDue)
def handler(due: RotationDue, app: App) -> None:
    app.maintenance.rotation.work(due.organization_id)
