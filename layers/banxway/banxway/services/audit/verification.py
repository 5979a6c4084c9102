"""Verifies an audit trail: recomputes its hashes from the rows, and compares them with anchor and archives."""

import itertools
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import CorruptEnvelope, NotFound
from banxway.models.actors import Actor
from banxway.models.audit.archives import ArchivedStretch
from banxway.models.audit.audit import AuditVerification
from banxway.models.pages import Cursors, Number
from banxway.services.audit.anchors import AuditAnchors
from banxway.services.audit.archive import read_archive, read_manifest
from banxway.services.audit.chain import Chain, ChainBroken
from banxway.storage.audit import archives as audit_archives
from banxway.storage.audit import chain as audit_chain
from banxway.storage.audit.chain import NO_HASH
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database, Transaction

_AT_ONCE = 5000
_PIECE = 10_000  # entries of one request, so that a page can show how far it has come
_BUDGET_S = 15.0  # of API Gateway's 30; the archive of a piece is read besides
_CURSORS = Cursors("audit verification", Number, Number, str)


class AuditVerifier:
    """Finds the first entry of a trail that was changed or is missing, in pieces that one request can carry."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        anchors: AuditAnchors,
        clock: Clock,
        piece: int = _PIECE,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._anchors = anchors
        self._clock = clock
        self._piece = piece

    def verify(self, *, actor: Actor, cursor: str | None = None) -> AuditVerification:
        """Return whether the next piece of the organization's trail is whole, and if not, the first wrong entry.

        Stored hashes are not trusted: each is computed again from its entry. A trail that was rewritten
        consistently is found because an archive or an anchor has another hash. A trail that grows meanwhile is
        verified up to its newest entry. Raises ValidationFailed for a foreign cursor.
        """
        through, proven, last_hash = _CURSORS.read(cursor) or (0, 0, NO_HASH)
        chain = Chain(through=through, last_hash=last_hash, proven_through=proven)
        walk = _Walk(chain, most=self._piece, until=self._clock.monotonic() + _BUDGET_S, clock=self._clock)
        try:
            self._walk_all(walk, actor)
        except ChainBroken as error:
            return walk.result(first_bad_sequence=error.sequence, reason=error.reason)
        position = _CURSORS.write(chain.through, chain.proven_through, chain.hash)
        return walk.result(next_cursor=position if walk.is_cut else None)

    def _walk_all(self, walk: "_Walk", actor: Actor) -> None:
        chain = walk.chain
        # The anchor is read before the rows, and the archives' rows before the manifest: so neither comparison meets
        # something that was written in between.
        anchor = self._anchors.find(actor.organization_id)
        chain.attest(anchor.hashes() if anchor else {})
        with self._database.as_actor(actor) as transaction:
            registered = audit_archives.list_all(transaction)
            manifest = read_manifest(self._blobs(), actor.organization_id)
            head = audit_chain.head(transaction)
            walk.total = max(head.sequence, head.last)
            if head.first < 1:
                raise ChainBroken(head.first, f"Entry {head.first} was put before the first one")
            for stretch in manifest.archives:
                walk.go(transaction, through=stretch.first_sequence - 1)
                if chain.through < stretch.last_sequence and not walk.is_cut:
                    chain.attest(self._hashes_in(actor.organization_id, stretch))
                    walk.go(transaction, through=stretch.last_sequence)
            walk.go(transaction, through=head.last)
        if not walk.is_cut:
            chain.require_end(sequence=head.sequence, last_hash=head.hash)
            _require_same(registered, manifest.archives)

    def _hashes_in(self, organization_id: UUID, stretch: ArchivedStretch) -> dict[int, str]:
        try:
            links = read_archive(self._blobs(), organization_id, stretch)
        except (NotFound, CorruptEnvelope, ChainBroken) as error:
            entries = f"entries {stretch.first_sequence} to {stretch.last_sequence}"
            raise ChainBroken(
                stretch.first_sequence, f"The archive of {entries} was altered or is lost: {error}"
            ) from error
        return {link.sequence: link.hash for link in links}


class _Walk:
    """The walk over one piece of a trail: at most `most` entries, and no longer than `until`."""

    def __init__(self, chain: Chain, *, most: int, until: float, clock: Clock) -> None:
        self.chain = chain
        self.total = chain.through
        self.is_cut = False
        self._left = most
        self._until = until
        self._clock = clock
        self._newest: datetime | None = None

    def go(self, transaction: Transaction, *, through: int) -> None:
        """Verify the entries up to this one, or as many as the piece still takes. Raises ChainBroken."""
        while self.chain.through < through and not self.is_cut:
            wanted = min(_AT_ONCE, through - self.chain.through, self._left)
            found = audit_chain.links(transaction, after=self.chain.through, limit=wanted)
            if not found:
                return
            for link in found:
                self.chain.take(link)
                self._newest = link.created_at
            self._left -= len(found)
            is_over = self._left <= 0 or self._clock.monotonic() > self._until
            self.is_cut = is_over and self.chain.through < self.total

    def result(
        self,
        *,
        first_bad_sequence: int | None = None,
        reason: str | None = None,
        next_cursor: str | None = None,
    ) -> AuditVerification:
        """Return what the walk has found so far."""
        return AuditVerification(
            valid=reason is None,
            checked=self.chain.through,
            total=max(self.total, self.chain.through),
            checked_through=self._newest,
            first_bad_sequence=first_bad_sequence,
            reason=reason,
            next_cursor=next_cursor,
        )


def _require_same(registered: list[ArchivedStretch], manifest: list[ArchivedStretch]) -> None:
    """Require that the table equals the manifest, which may be one stretch ahead after an interrupted run."""
    for inside, outside in itertools.zip_longest(registered, manifest):
        if inside != outside and not (inside is None and outside is manifest[-1]):
            first = min(each.first_sequence for each in (inside, outside) if each)
            raise ChainBroken(first, f"The register of archives was altered from entry {first} on")
