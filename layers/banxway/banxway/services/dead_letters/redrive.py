"""Puts dead letters into their queue again.

The worker takes them as it takes any item: the ledger's claim, the identity of a report and a mailbox's lease decide
what happens. So a message is sent at most once, however often it is redriven.
"""

from collections.abc import Callable

from banxway.errors import Unavailable
from banxway.models.actors import Actor
from banxway.models.dead_letters.dead_letters import DeadLetterRedrive, RedriveResult
from banxway.models.queue_items import (
    CallbackReceived,
    ChangesDue,
    IdleDue,
    IntegrationDue,
    MailboxesDue,
    MailDue,
    MessageDue,
    RotationDue,
)
from banxway.services.dead_letters.choosing import choose, close_notifications, count_remaining
from banxway.services.dead_letters.subjects import item_of, outcome_of
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.status.notifications import Notifications
from banxway.storage import dead_letters
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database
from banxway.storage.dead_letters import DeadLetterRow
from banxway.storage.realtime import changes


class DeadLetterRedriving:
    """Redrives dead letters, or says what that would do."""

    def __init__(
        self,
        database: Database,
        *,
        enqueue: Callable[
            [
                CallbackReceived
                | MessageDue
                | MailDue
                | MailboxesDue
                | IdleDue
                | ChangesDue
                | RotationDue
                | IntegrationDue
            ],
            None,
        ],
        notifications: Notifications,
        notices: ChangeNotices,
    ) -> None:
        self._database = database
        self._enqueue = enqueue
        self._notifications = notifications
        self._notices = notices

    def redrive(self, *, actor: Actor, order: DeadLetterRedrive) -> RedriveResult:
        """Put at most 100 dead letters into their queue again; a dry run changes nothing and says what would happen.

        Raises NotFound for an unknown id, Conflict if all of them are settled already, and Unavailable if nothing
        could be enqueued; then all stay open.
        """
        with self._database.as_actor(actor) as transaction:
            rows = choose(transaction, order)
            others = max(count_remaining(transaction, order) - len(rows), 0)
        outcomes = [outcome_of(row) for row in rows]
        if order.dry_run:
            return RedriveResult(dry_run=True, outcomes=outcomes, redriven=0, remaining=others)
        # Before the rows say so: a process that dies in between leaves them open, and repeating does no harm.
        enqueued = self._enqueue_all(rows)
        remaining = self._settle(actor, order, enqueued)
        self._notices.notify(actor.organization_id)
        return RedriveResult(
            dry_run=False,
            outcomes=outcomes[: len(enqueued)],
            redriven=len(enqueued),
            remaining=remaining,
        )

    def _enqueue_all(self, rows: list[DeadLetterRow]) -> list[DeadLetterRow]:
        """Return those that were enqueued. Raises Unavailable if none was."""
        enqueued: list[DeadLetterRow] = []
        try:
            for row in rows:
                self._enqueue(item_of(row))
                enqueued.append(row)
        except Unavailable:
            if not enqueued:
                raise
        return enqueued

    def _settle(self, actor: Actor, order: DeadLetterRedrive, rows: list[DeadLetterRow]) -> int:
        """Record what was redriven, and return how many of the group are left."""
        with self._database.as_actor(actor) as transaction:
            dead_letters.settle(transaction, rows, state="redriven", user_id=actor.user_id)
            remaining = count_remaining(transaction, order)
            close_notifications(transaction, self._notifications, rows)
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                action="dead_letters.redrive",
                succeeded=True,
                details={"queues": sorted({row.queue for row in rows}), "ids": [str(row.id) for row in rows]},
            )
            changes.record(transaction, organization_id=actor.organization_id, kind="dead_letters.changed")
        return remaining
