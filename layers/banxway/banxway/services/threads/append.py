"""Appends a message to its thread: the one way for messages that are written one by one, on every channel.

Mail that is fetched comes in batches, and is inserted by services/email_sync/filing/transaction.py.
"""

from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from banxway.storage.realtime import changes
from banxway.storage.threads import threads


def append(transaction: Transaction, message: NewMessageRow) -> changes.PendingChange | None:
    """Add a message to its thread and return the change to record; None if its identity is there already.

    The caller records the change last in its transaction, since recording locks the organization's change sequence. A
    message for a thread that was merged meanwhile goes into the thread that took it over.
    """
    if messages.add(transaction, message) is None:
        return None
    thread_id = threads.record_message(transaction, thread_id=message.thread_id, at=message.occurred_at)
    if thread_id != message.thread_id:
        messages.move(transaction, message_id=message.id, thread_id=thread_id)
    return changes.PendingChange("message.created", thread_id, message.id)
