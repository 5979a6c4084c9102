"""Finds the dead letters that a person has chosen."""

from banxway.errors import Conflict, NotFound
from banxway.models.dead_letters.dead_letters import MOST_AT_ONCE, DeadLetterSelection
from banxway.models.status.notifications import WORK_GIVEN_UP
from banxway.services.status.notifications import Notifications
from banxway.storage import dead_letters
from banxway.storage.database import Transaction
from banxway.storage.dead_letters import DeadLetterRow


def choose(transaction: Transaction, chosen: DeadLetterSelection) -> list[DeadLetterRow]:
    """Return the open ones of the chosen dead letters, and lock them until the commit.

    Raises NotFound if an id is nobody's, and Conflict if somebody has settled all of them meanwhile.
    """
    found = dead_letters.select(transaction, chosen, limit=MOST_AT_ONCE)
    if chosen.ids and len(found) < len(set(chosen.ids)):
        raise NotFound("Dead letter not found")
    rows = [row for row in found if row.state == "open"]
    if not rows:
        by = next((row.settled_by for row in found if row.settled_by), None) or "Somebody"
        raise Conflict(
            f"None of these is open any more: {by} has redriven or discarded them. Load the page again"
        )
    return rows


def count_remaining(transaction: Transaction, chosen: DeadLetterSelection) -> int:
    """Return how many dead letters of the chosen group are open; 0 if single ones were chosen."""
    if not chosen.queue:
        return 0
    return dead_letters.count_open(transaction, queue=chosen.queue, cause=chosen.cause)


def close_notifications(
    transaction: Transaction, notifications: Notifications, rows: list[DeadLetterRow]
) -> None:
    """Close the notification of each queue that has no open dead letter any more."""
    for queue in sorted({row.queue for row in rows}):
        if not dead_letters.count_open(transaction, queue=queue):
            notifications.close(transaction, WORK_GIVEN_UP, queue)
