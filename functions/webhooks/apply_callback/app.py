"""Queue of received callbacks: apply one genuine callback to what it is about.

Repeated, reordered and replayed callbacks change nothing more.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import CallbackReceived


@worker(item=CallbackReceived, batches_change_notices=True)
def handler(received: CallbackReceived, app: App) -> None:
    app.webhooks.apply.apply(received)
