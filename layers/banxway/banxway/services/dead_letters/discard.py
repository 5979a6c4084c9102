"""Ends dead letters with a reason: nothing more is tried, and nothing is lost without a trace."""

from banxway.models.actors import Actor
from banxway.models.dead_letters.dead_letters import DeadLetterDiscard, DiscardResult
from banxway.services.dead_letters.choosing import choose, close_notifications, count_remaining
from banxway.services.dead_letters.subjects import kind_of
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.status.notifications import Notifications
from banxway.storage import dead_letters
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.dead_letters import DeadLetterRow
from banxway.storage.messages import ledger
from banxway.storage.realtime import changes

_ADVICE = "Send it again if it should still reach the customer"


class DeadLetterDiscarding:
    """Discards dead letters."""

    def __init__(self, database: Database, *, notifications: Notifications, notices: ChangeNotices) -> None:
        self._database = database
        self._notifications = notifications
        self._notices = notices

    def discard(self, *, actor: Actor, order: DeadLetterDiscard) -> DiscardResult:
        """Discard at most 100 dead letters. A message that still waits to be sent has failed then, with the reason.

        One that is being sent, or whose outcome is unknown, does not change. Raises NotFound for an unknown id, and
        Conflict if all of them are settled already.
        """
        with self._database.as_actor(actor) as transaction:
            rows = choose(transaction, order)
            dead_letters.settle(
                transaction, rows, state="discarded", user_id=actor.user_id, reason=order.reason
            )
            failed = self._fail_messages(transaction, actor, rows, order.reason)
            remaining = count_remaining(transaction, order)
            close_notifications(transaction, self._notifications, rows)
            self._audit(transaction, actor, rows, order.reason, failed)
            changes.record(transaction, organization_id=actor.organization_id, kind="dead_letters.changed")
        self._notices.notify(actor.organization_id)
        return DiscardResult(discarded=len(rows), messages_failed=failed, remaining=remaining)

    def _fail_messages(
        self, transaction: Transaction, actor: Actor, rows: list[DeadLetterRow], reason: str
    ) -> int:
        """Set the messages that still wait to failed, and return how many."""
        ids = [row.message_id for row in rows if row.message_id and kind_of(row.queue) == "message"]
        failed = ledger.fail_waiting(transaction, ids, reason=f"Discarded: {reason}", advice=_ADVICE)
        for row in failed:
            changes.record(
                transaction,
                organization_id=actor.organization_id,
                kind="message.status",
                thread_id=row.thread_id,
                message_id=row.id,
            )
        return len(failed)

    def _audit(
        self, transaction: Transaction, actor: Actor, rows: list[DeadLetterRow], reason: str, failed: int
    ) -> None:
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            action="dead_letters.discard",
            succeeded=True,
            details={
                "reason": reason,
                "queues": sorted({row.queue for row in rows}),
                "ids": [str(row.id) for row in rows],
                "messages_failed": failed,
            },
        )
