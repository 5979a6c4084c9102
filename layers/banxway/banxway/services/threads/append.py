"""How a message becomes part of its thread: one way, for every channel and direction."""

from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime import changes
from banxway.storage.threads import threads


def append(transaction: Transaction, message: NewMessageRow) -> bool:
    """Add a message to its thread and tell whoever listens; False if its identity is there already."""
    news = place(transaction, message)
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


def place(transaction: Transaction, message: NewMessageRow) -> changes.News | None:
    """Add a message to its thread and return what is to be told; None if its identity is there already.

    For whoever places several in one transaction: telling comes last, since it lets nobody else be numbered.
    A message for a thread that was merged meanwhile goes where that went.
    """
    if messages.add(transaction, message) is None:
        return None
    thread_id = threads.note_message(transaction, thread_id=message.thread_id, at=message.occurred_at)
    if thread_id != message.thread_id:
        messages.move(transaction, message_id=message.id, thread_id=thread_id)
    return changes.News("message.created", thread_id, message.id)
