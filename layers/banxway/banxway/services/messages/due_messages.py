"""Enqueues messages of the ledger, each into the queue of its channel."""

from collections.abc import Callable, Iterable
from uuid import UUID

from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.models.channels import CHANNELS
from banxway.models.queue_items import MailDue, MessageDue
from banxway.storage.messages.due import DueRow


class DueMessages:
    """The one way into the queues of the ledger: a channel's traits name the item that its messages take."""

    def __init__(self, enqueue: Callable[[MessageDue | MailDue, int], None]) -> None:
        self._enqueue = enqueue

    def enqueue(self, *, channel: str, organization_id: UUID, message_id: UUID, delay_s: int = 0) -> None:
        """Enqueue a message that is committed, to be delivered after a delay. Raises Unavailable."""
        due_item = CHANNELS[channel].due_item
        self._enqueue(due_item(organization_id=organization_id, message_id=message_id), delay_s)

    def enqueue_found(self, rows: Iterable[DueRow]) -> None:
        """Enqueue messages that wait; while the queue is down, the sweeper does it within a minute."""
        try:
            for row in rows:
                self.enqueue(channel=row.channel, organization_id=row.organization_id, message_id=row.id)
        except Unavailable as error:
            get_logger().warning("the queue is down; the sweeper will enqueue", error=str(error))
