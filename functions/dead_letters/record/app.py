"""Queue of dead letters: record what a worker gave up, and notify the organization's admins.

What cannot be read stays in the queue, for an operator.
"""

from banxway.entrypoints.worker import App, worker
from banxway.models.queue_items import DeadLetter


@worker(item=DeadLetter)
def handler(letter: DeadLetter, app: App) -> None:
    app.dead_letters.record.record(letter)
