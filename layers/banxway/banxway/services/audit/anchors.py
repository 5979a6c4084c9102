"""Anchors: the newest hash of every audit trail, kept in the blob store, out of the reach of the database's owner.

The owner of the tables can rewrite a trail consistently, or cut off its end, but cannot make it agree with a hash
that was written elsewhere before. So an anchor moves forward only while the entries still have the hashes it knows.
"""

from collections.abc import Callable
from uuid import UUID

from banxway.errors import CorruptEnvelope, DecryptionFailed
from banxway.log import get_logger
from banxway.models.audit.archives import AnchoredHash, AuditAnchor
from banxway.models.status.notifications import AUDIT_BROKEN
from banxway.services.status.notifications import Notifications
from banxway.storage.audit import chain as audit_chain
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database

_AT_ONCE = 200  # one read and one write each: ten of the sweeper's fifty seconds
# Earlier positions of the head are kept, older ones more sparsely, so that a rewritten entry is found among few.
_MOST_EARLIER = 200
_KEPT_WHOLE = 100


class AuditAnchors:
    """Reads anchors, and moves them to the newest entries."""

    def __init__(
        self, database: Database, *, blobs: Callable[[], BlobStore], notifications: Notifications
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._notifications = notifications

    def find(self, organization_id: UUID) -> AuditAnchor | None:
        """Return an organization's anchor, or None if its trail was never anchored.

        Raises DecryptionFailed kinds for an anchor that cannot be read, and Unavailable.
        """
        content = self._blobs().read(_name(organization_id))
        if content is None:
            return None
        try:
            return AuditAnchor.model_validate_json(content)
        except ValueError as error:
            raise CorruptEnvelope("The audit trail's anchor was altered; see docs/operations.md") from error

    def follow(self) -> int:
        """Move the anchors of trails that have grown; return how many. A trail that has not grown costs nothing."""
        with self._database.system() as transaction:
            grown = audit_chain.unanchored(transaction, limit=_AT_ONCE)
        return sum(self._follow(organization_id) for organization_id in grown)

    def _follow(self, organization_id: UUID) -> bool:
        try:
            anchor = self.find(organization_id)
        except DecryptionFailed:
            self._refuse(organization_id, None)
            return False
        known = anchor.hashes() if anchor else {}
        with self._database.organization(organization_id) as transaction:
            head = audit_chain.head(transaction)
            newest = AnchoredHash(sequence=head.sequence, hash=head.hash)
            found = audit_chain.hashes_of(transaction, [*known, newest.sequence])
        if found != found | {newest.sequence: newest.hash} or found != found | known:
            self._refuse(organization_id, anchor)
            return False
        self._blobs().write(_name(organization_id), _moved(anchor, newest).model_dump_json().encode())
        self._record(organization_id, newest)
        return True

    def _refuse(self, organization_id: UUID, anchor: AuditAnchor | None) -> None:
        get_logger().error(
            "the audit trail does not agree with its anchor", organization_id=str(organization_id)
        )
        with self._database.organization(organization_id) as transaction:
            self._notifications.open(
                transaction,
                organization_id=organization_id,
                kind=AUDIT_BROKEN,
                subject="audit",
                sentence="The audit trail was tampered with: verify it, and see docs/operations.md",
            )
        # To the back of the queue, so that the anchors of other organizations move.
        self._record(organization_id, anchor or AnchoredHash(sequence=0, hash=""))

    def _record(self, organization_id: UUID, anchored: AnchoredHash) -> None:
        with self._database.organization(organization_id) as transaction:
            audit_chain.record_anchored(
                transaction,
                organization_id=organization_id,
                sequence=anchored.sequence,
                last_hash=anchored.hash,
            )


def _name(organization_id: UUID) -> str:
    return f"audit-heads/{organization_id}"


def _moved(anchor: AuditAnchor | None, newest: AnchoredHash) -> AuditAnchor:
    earlier = [*anchor.earlier, AnchoredHash(sequence=anchor.sequence, hash=anchor.hash)] if anchor else []
    earlier = [each for each in earlier if each.sequence < newest.sequence]
    if len(earlier) > _MOST_EARLIER:
        earlier = earlier[:-_KEPT_WHOLE:2] + earlier[-_KEPT_WHOLE:]
    return AuditAnchor(sequence=newest.sequence, hash=newest.hash, earlier=earlier)
