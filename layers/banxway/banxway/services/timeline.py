"""How a message becomes part of its thread: one way, for every channel and direction."""

from collections.abc import Iterable

from banxway.storage import changes, messages, threads
from banxway.storage.database import Transaction
from banxway.storage.messages import MessageRow


def append(transaction: Transaction, message: MessageRow, *, participants: Iterable[str]) -> bool:
    """Add a message to its thread and tell whoever listens; False if its identity is there already."""
    news = place(transaction, message, participants=participants)
    if news is None:
        return False
    changes.record(
        transaction,
        organization_id=message.organization_id,
        kind=news.kind,
        thread_id=news.thread_id,
        message_id=news.message_id,
    )
    return True


def place(
    transaction: Transaction, message: MessageRow, *, participants: Iterable[str]
) -> changes.News | None:
    """Add a message to its thread and return what is to be told; None if its identity is there already.

    For whoever places several in one transaction: telling comes last, since it lets nobody else be numbered.
    """
    if messages.add(transaction, message) is None:
        return None
    threads.note_message(
        transaction,
        organization_id=message.organization_id,
        thread_id=message.thread_id,
        at=message.occurred_at,
        participants=participants,
    )
    return changes.News("message.created", message.thread_id, message.id)
