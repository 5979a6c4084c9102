"""Enqueues the work of the maintenance timers on integrations, spread over a quarter of an hour.

A round that breaks off is run again by its timer from the beginning. An integration that is enqueued twice is
verified or synced twice, which changes nothing.
"""

from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

from banxway.models.integrations.integrations import INTEGRATION_TYPES, NUMBER_SYNC_TYPES
from banxway.models.queue_items import IntegrationDue
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.storage.database import Database
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import ActiveRow

# How many workers may start each second; items beyond the longest delay of a queue wait in the queue.
_PER_SECOND = 5
_LONGEST_DELAY_S = 900
_PAGE = 1000
_Task = Literal["verify", "sync_numbers"]
_BEFORE_ALL = UUID(int=0)


class IntegrationRounds:
    """Enqueues work on every active integration of every organization."""

    def __init__(
        self,
        database: Database,
        *,
        enqueue: Callable[[IntegrationDue, int], None],
        environment: EnvironmentIntegrations,
    ) -> None:
        self._database = database
        self._environment = environment
        self._enqueue = enqueue

    def enqueue_verification(self) -> int:
        """Enqueue a test of every active integration; return how many. Raises Unavailable."""
        return self._enqueue_all("verify", INTEGRATION_TYPES)

    def enqueue_number_sync(self) -> int:
        """Enqueue a number sync of every active integration that has numbers; return how many.

        Raises Unavailable. The environment's account is included; if its organization has saved one, that one is
        synced twice.
        """
        enqueued = self._enqueue_all("sync_numbers", NUMBER_SYNC_TYPES)
        for organization_id, row in self._environment.list_everywhere():
            if row.integration_type in NUMBER_SYNC_TYPES:
                self._enqueue_one("sync_numbers", organization_id, row.integration_type, enqueued)
                enqueued += 1
        return enqueued

    def _enqueue_all(self, task: _Task, types: Sequence[str]) -> int:
        enqueued, last = 0, _BEFORE_ALL
        while page := self._active_after(last, types):
            for row in page:
                self._enqueue_one(task, row.organization_id, row.integration_type, enqueued)
                enqueued += 1
            last = page[-1].id
        return enqueued

    def _enqueue_one(self, task: _Task, organization_id: UUID, integration_type: str, before: int) -> None:
        due = IntegrationDue(organization_id=organization_id, integration_type=integration_type, task=task)
        self._enqueue(due, min(before // _PER_SECOND, _LONGEST_DELAY_S))

    def _active_after(self, last: UUID, types: Sequence[str]) -> list[ActiveRow]:
        with self._database.system() as transaction:
            return integrations.list_active(transaction, types=types, after=last, limit=_PAGE)
