"""Verifies an audit trail: recomputes its hashes from the rows, and compares them with anchor and archives."""

import itertools
from collections.abc import Callable
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import CorruptEnvelope, NotFound, Unavailable
from banxway.models.actors import Actor
from banxway.models.audit.archives import ArchivedStretch
from banxway.models.audit.audit import AuditVerification
from banxway.services.audit.anchors import AuditAnchors
from banxway.services.audit.archive import read_archive, read_manifest
from banxway.services.audit.chain import Chain, ChainBroken
from banxway.storage.audit import archives as audit_archives
from banxway.storage.audit import chain as audit_chain
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database, Transaction

_AT_ONCE = 5000
_BUDGET_S = 25.0  # API Gateway hangs up after 30


class AuditVerifier:
    """Finds the first entry of a trail that was changed or is missing."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        anchors: AuditAnchors,
        clock: Clock,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._anchors = anchors
        self._clock = clock

    def verify(self, *, actor: Actor) -> AuditVerification:
        """Return whether the organization's trail is whole, and if not, the first entry that is wrong.

        Stored hashes are not trusted: each is computed again from its entry. A trail that was rewritten
        consistently is found because an archive or an anchor has another hash. Raises Unavailable for a trail that
        is too long for one request.
        """
        chain = Chain()
        try:
            self._walk_all(chain, actor)
        except ChainBroken as error:
            return AuditVerification(
                valid=False, checked=chain.through, first_bad_sequence=error.sequence, reason=error.reason
            )
        return AuditVerification(valid=True, checked=chain.through, first_bad_sequence=None, reason=None)

    def _walk_all(self, chain: Chain, actor: Actor) -> None:
        until = self._clock.monotonic() + _BUDGET_S
        # The anchor is read before the rows, and the archives' rows before the manifest: so neither comparison meets
        # something that was written in between.
        anchor = self._anchors.find(actor.organization_id)
        chain.attest(anchor.hashes() if anchor else {})
        with self._database.as_actor(actor) as transaction:
            registered = audit_archives.list_all(transaction)
            manifest = read_manifest(self._blobs(), actor.organization_id)
            head = audit_chain.head(transaction)
            if head.first < 1:
                raise ChainBroken(head.first, f"Entry {head.first} was put before the first one")
            for stretch in manifest.archives:
                self._walk(transaction, chain, through=stretch.first_sequence - 1, until=until)
                chain.attest(self._hashes_in(actor.organization_id, stretch))
                self._walk(transaction, chain, through=stretch.last_sequence, until=until)
            self._walk(transaction, chain, through=head.last, until=until)
        chain.require_end(sequence=head.sequence, last_hash=head.hash)
        _require_same(registered, manifest.archives)

    def _walk(self, transaction: Transaction, chain: Chain, *, through: int, until: float) -> None:
        while chain.through < through:
            if self._clock.monotonic() > until:
                raise Unavailable(
                    "The trail is too long to be verified in one request; see docs/operations.md"
                )
            wanted = min(_AT_ONCE, through - chain.through)
            found = audit_chain.links(transaction, after=chain.through, limit=wanted)
            if not found:
                return
            for link in found:
                chain.take(link)

    def _hashes_in(self, organization_id: UUID, stretch: ArchivedStretch) -> dict[int, str]:
        try:
            links = read_archive(self._blobs(), organization_id, stretch)
        except (NotFound, CorruptEnvelope, ChainBroken) as error:
            entries = f"entries {stretch.first_sequence} to {stretch.last_sequence}"
            raise ChainBroken(
                stretch.first_sequence, f"The archive of {entries} was altered or is lost: {error}"
            ) from error
        return {link.sequence: link.hash for link in links}


def _require_same(registered: list[ArchivedStretch], manifest: list[ArchivedStretch]) -> None:
    """Require that the table equals the manifest, which may be one stretch ahead after an interrupted run."""
    for inside, outside in itertools.zip_longest(registered, manifest):
        if inside != outside and not (inside is None and outside is manifest[-1]):
            first = min(each.first_sequence for each in (inside, outside) if each)
            raise ChainBroken(first, f"The register of archives was altered from entry {first} on")
