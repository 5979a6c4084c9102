"""The rounds of the maintenance timers: which integrations are due for a look, spread over a quarter of an hour.

A round only enqueues. One that breaks off is run again by its timer, from the beginning: what is enqueued twice
is verified or synced twice, which changes nothing.
"""

from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

from banxway.models.integrations import INTEGRATION_TYPES, NUMBER_SYNC_TYPES
from banxway.models.queue_items import IntegrationDue
from banxway.storage import integrations
from banxway.storage.database import Database, Row

# So many workers may start each second; what exceeds the longest delay of a queue waits in the queue.
_PER_SECOND = 5
_LONGEST_DELAY_S = 900
_PAGE = 1000
_BEFORE_ALL = UUID(int=0)


class IntegrationRounds:
    """Enqueues work on every active integration of every organization."""

    def __init__(self, database: Database, *, enqueue: Callable[[IntegrationDue, int], None]) -> None:
        self._database = database
        self._enqueue = enqueue

    def enqueue_verification(self) -> int:
        """Have every active integration tested at its provider; returns how many. Raises Unavailable."""
        return self._go_round("verify", INTEGRATION_TYPES)

    def enqueue_number_sync(self) -> int:
        """Have the numbers of every active integration that has any fetched; returns how many. Raises Unavailable."""
        return self._go_round("sync_numbers", NUMBER_SYNC_TYPES)

    def _go_round(self, task: Literal["verify", "sync_numbers"], types: Sequence[str]) -> int:
        enqueued, last = 0, _BEFORE_ALL
        while page := self._active_after(last, types):
            for row in page:
                due = IntegrationDue(
                    organization_id=row["organization_id"],
                    integration_type=row["integration_type"],
                    task=task,
                )
                self._enqueue(due, min(enqueued // _PER_SECOND, _LONGEST_DELAY_S))
                enqueued += 1
            last = page[-1]["id"]
        return enqueued

    def _active_after(self, last: UUID, types: Sequence[str]) -> list[Row]:
        with self._database.system() as transaction:
            return integrations.list_active(transaction, types=types, after=last, limit=_PAGE)
