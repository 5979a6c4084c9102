"""The sweeper: continues what a crash, a lost queue item or a dead connection left behind."""

from collections import Counter
from collections.abc import Callable

from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.models.maintenance.sweeps import Swept
from banxway.models.messages.delivering import MOST_ATTEMPTS, InFlight
from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import ChangesDue
from banxway.reasons import Reason
from banxway.services.audit.anchors import AuditAnchors
from banxway.services.maintenance.rotation import Rotation
from banxway.services.messages import delivery_log
from banxway.services.messages.due_messages import DueMessages
from banxway.services.messages.ledger_epoch import LedgerEpoch
from banxway.services.messages.uploads import Uploads
from banxway.storage.database import Database
from banxway.storage.integrations import credential_slots
from banxway.storage.messages import due, ledger
from banxway.storage.messages.due import DueRow
from banxway.storage.messages.ledger import ExpiredRow
from banxway.storage.realtime import changes
from banxway.storage.realtime import connections as realtime

# Longer than a queue usually takes; an item that is in the queue twice is harmless.
_WAITING_S = 20
_AT_ONCE = 1000


class Maintenance:
    """Runs every minute; after an interruption the next run does the rest."""

    def __init__(
        self,
        database: Database,
        *,
        epoch: LedgerEpoch,
        anchors: AuditAnchors,
        rotation: Rotation,
        uploads: Uploads,
        due_messages: DueMessages,
        in_flight: InFlight,
        enqueue_changes: Callable[[ChangesDue], None],
    ) -> None:
        self._database = database
        self._epoch = epoch
        self._anchors = anchors
        self._rotation = rotation
        self._uploads = uploads
        self._due_messages = due_messages
        self._in_flight = in_flight
        self._enqueue_changes = enqueue_changes

    def sweep(self) -> Swept:
        """End the leases of dead workers, enqueue waiting ones again, push pending changes, move anchors.

        Returns how many of each.
        """
        expired = self._expire_leases()
        reenqueued = self._reenqueue()
        notified = self._notify_again()
        with self._database.system() as transaction:
            realtime.prune(transaction)
            changes.prune(transaction)
            credential_slots.prune(transaction)
        self._epoch.rise()
        woken = self._rotation.wake_stalled()
        return Swept(
            reenqueued=reenqueued,
            unknown=expired[MessageStatus.UNKNOWN],
            queued_again=expired[MessageStatus.QUEUED],
            organizations_notified=notified,
            trails_anchored=self._anchors.follow(),
            rotations_woken=woken,
            uploads_forgotten=self._uploads.sweep(),
        )

    def _expire_leases(self) -> Counter[MessageStatus]:
        """End the leases of dead workers; return how many messages got which status."""
        with self._database.system() as transaction:
            found = ledger.with_expired_lease(transaction, limit=_AT_ONCE)
        return Counter(status for row in found if (status := self._expire_if_free(row)))

    def _expire_if_free(self, row: ExpiredRow) -> MessageStatus | None:
        """End a lease; leave it to the next sweep if its organization's rows are locked, for the others' sake."""
        try:
            return self._expire(row)
        except Unavailable as error:
            if error.reason != Reason.DATABASE_LOCKED:
                raise
            get_logger().warning(
                "a lease is left to the next sweep", organization_id=str(row.organization_id)
            )
            return None

    def _expire(self, row: ExpiredRow) -> MessageStatus | None:
        with self._database.organization(row.organization_id) as transaction:
            next_ones = due.for_freed_slot(transaction, channel=row.channel, in_flight=self._in_flight)
            status = ledger.expire_lease(transaction, message_id=row.id, most_attempts=MOST_ATTEMPTS)
            if status is None:
                return None
            if status != MessageStatus.QUEUED:
                changes.record(
                    transaction,
                    organization_id=row.organization_id,
                    kind="message.status",
                    thread_id=row.thread_id,
                    message_id=row.id,
                )
        delivery_log.abandoned(row, outcome=status)
        if status == MessageStatus.QUEUED:
            next_ones.append(DueRow(row.organization_id, row.id, row.channel))
        self._due_messages.enqueue_found(next_ones)
        return status

    def _reenqueue(self) -> int:
        with self._database.system() as transaction:
            waiting = due.waiting(
                transaction, older_than_s=_WAITING_S, in_flight=self._in_flight, limit=_AT_ONCE
            )
        for row in waiting:
            self._due_messages.enqueue(
                channel=row.channel, organization_id=row.organization_id, message_id=row.id
            )
        return len(waiting)

    def _notify_again(self) -> int:
        with self._database.system() as transaction:
            organizations = changes.organizations_with_unpushed(transaction)
        for organization_id in organizations:
            self._enqueue_changes(ChangesDue(organization_id=organization_id))
        return len(organizations)
