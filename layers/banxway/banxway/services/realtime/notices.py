"""Notifies an organization's browsers after a change."""

from collections.abc import Callable
from uuid import UUID

from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.models.queue_items import ChangesDue


class ChangeNotices:
    """Enqueues a notice for the worker that pushes frames."""

    def __init__(self, enqueue: Callable[[ChangesDue], None]) -> None:
        self._enqueue = enqueue

    def notify(self, organization_id: UUID) -> None:
        """Notify an organization's browsers that it has new changes, which are committed by now. Never raises.

        While the queue is down nothing is lost: the sweeper enqueues a notice for unpushed changes every minute.
        """
        try:
            self._enqueue(ChangesDue(organization_id=organization_id))
        except Unavailable as error:
            get_logger().warning(
                "change notice put off", organization_id=str(organization_id), error=error.message
            )
