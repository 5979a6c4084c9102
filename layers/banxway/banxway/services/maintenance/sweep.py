"""The sweeper: continues what a crash, a lost queue item or a dead connection left behind."""

from collections.abc import Callable
from uuid import UUID

from banxway.models.maintenance.sweeps import Swept
from banxway.models.queue_items import ChangesDue, MessageDue
from banxway.services.audit.anchors import AuditAnchors
from banxway.services.maintenance.rotation import Rotation
from banxway.services.messages import delivery_log
from banxway.services.messages.ledger_epoch import LedgerEpoch
from banxway.services.messages.uploads import Uploads
from banxway.storage.database import Database
from banxway.storage.integrations import credential_slots
from banxway.storage.messages import ledger
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
        enqueue_message: Callable[[MessageDue], None],
        enqueue_changes: Callable[[ChangesDue], None],
    ) -> None:
        self._database = database
        self._epoch = epoch
        self._anchors = anchors
        self._rotation = rotation
        self._uploads = uploads
        self._enqueue_message = enqueue_message
        self._enqueue_changes = enqueue_changes

    def sweep(self) -> Swept:
        """Settle messages whose worker died, enqueue waiting ones again, push pending changes, move anchors.

        Returns how many of each.
        """
        unknown = self._expire_leases()
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
            unknown=unknown,
            organizations_notified=notified,
            trails_anchored=self._anchors.follow(),
            rotations_woken=woken,
            uploads_forgotten=self._uploads.sweep(),
        )

    def _expire_leases(self) -> int:
        with self._database.system() as transaction:
            found = ledger.with_expired_lease(transaction, limit=_AT_ONCE)
        return sum(self._expire(row.organization_id, row.id, row.thread_id) for row in found)

    def _expire(self, organization_id: UUID, message_id: UUID, thread_id: UUID) -> bool:
        with self._database.organization(organization_id) as transaction:
            has_expired = ledger.expire_lease(transaction, message_id=message_id)
            if has_expired:
                changes.record(
                    transaction,
                    organization_id=organization_id,
                    kind="message.status",
                    thread_id=thread_id,
                    message_id=message_id,
                )
        if has_expired:
            delivery_log.abandoned(organization_id, message_id, thread_id)
        return has_expired

    def _reenqueue(self) -> int:
        with self._database.system() as transaction:
            waiting = ledger.due_but_waiting(transaction, older_than_s=_WAITING_S, limit=_AT_ONCE)
        for row in waiting:
            self._enqueue_message(MessageDue(organization_id=row.organization_id, message_id=row.id))
        return len(waiting)

    def _notify_again(self) -> int:
        with self._database.system() as transaction:
            organizations = changes.organizations_with_unpushed(transaction)
        for organization_id in organizations:
            self._enqueue_changes(ChangesDue(organization_id=organization_id))
        return len(organizations)
