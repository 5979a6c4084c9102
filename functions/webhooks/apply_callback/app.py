"""Queue of received callbacks: apply genuine callbacks to what they are about, those of an organization together.

Repeated, reordered and replayed callbacks change nothing more.
"""

from collections.abc import Sequence

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import CallbackReceived


@worker(item=CallbackReceived, in_sets=True)
def handler(received: Sequence[CallbackReceived], app: App) -> None:
    app.webhooks.apply.apply_all(received)
