"""How a message becomes part of its thread: one way, for every channel and direction."""

from collections.abc import Iterable

from banxway.storage import changes, messages, threads
from banxway.storage.database import Transaction
from banxway.storage.messages import MessageRow


def append(transaction: Transaction, message: MessageRow, *, participants: Iterable[str]) -> bool:
    """Add a message to its thread and tell whoever listens; False if its identity is there already."""
    if messages.add(transaction, message) is None:
        return False
    threads.note_message(
        transaction,
        organization_id=message.organization_id,
        thread_id=message.thread_id,
        at=message.occurred_at,
        participants=participants,
    )
    changes.record(
        transaction,
        organization_id=message.organization_id,
        kind="message.created",
        thread_id=message.thread_id,
        message_id=message.id,
    )
    return True
