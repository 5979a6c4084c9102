"""Copies audit entries older than 90 days into archives in the blob store, which are verified without a database.

An archive is gzip-compressed JSON lines, one per entry, with everything that its hash covers. A manifest lists the
organization's archives with their first and last hashes. docs/operations.md shows the format, and how to verify it.
The rows stay in the table, which is append-only.
"""

import gzip
import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from banxway.clock import Clock, iso
from banxway.errors import CorruptEnvelope
from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.audit.archives import Archived, ArchivedStretch, ArchiveManifest
from banxway.services.audit.chain import Chain, ChainBroken
from banxway.storage.audit import archives as audit_archives
from banxway.storage.audit import chain as audit_chain
from banxway.storage.audit.chain import Entry
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database

_OLD = timedelta(days=90)
_LINES = 5000
_BUDGET_S = 240.0  # of the timer's 300
_FIELDS = (
    "sequence", "id", "organization_id", "user_id", "integration_id", "integration_type", "action", "status",
    "details", "epoch", "previous_hash", "hash",
)  # fmt: skip


class AuditArchive:
    """Archives every old entry once; after an interruption the next run continues."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        clock: Clock,
        new_id: NewId,
        lines: int = _LINES,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._new_id = new_id
        self._lines = lines

    def archive_old(self) -> Archived:
        """Archive the entries of every organization that are older than 90 days and not archived yet.

        A broken trail is archived only up to the break, since an archive attests to its entries.
        """
        until = self._clock.monotonic() + _BUDGET_S
        # By the day, so that two runs at once cut at the same entry.
        before = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - _OLD
        with self._database.system() as transaction:
            organizations = audit_chain.organizations(transaction)
        entries = broken = 0
        for organization_id in organizations:
            try:
                while self._clock.monotonic() < until and (
                    added := self._archive_next(organization_id, before)
                ):
                    entries += added
            except ChainBroken as error:
                get_logger().error("not archived", organization_id=str(organization_id), reason=error.reason)
                broken += 1
        return Archived(entries=entries, broken=broken)

    def _archive_next(self, organization_id: UUID, before: datetime) -> int:
        with self._database.organization(organization_id) as transaction:
            last = audit_archives.find_last(transaction)
            chain = Chain(through=last.last_sequence, last_hash=last.last_hash) if last else Chain()
            found = audit_chain.links(transaction, after=chain.through, limit=self._lines)
        links = list(itertools.takewhile(lambda link: link.created_at < before, found))
        if not links:
            return 0
        previous_hash = chain.hash
        for link in links:
            chain.take(link)
        stretch = ArchivedStretch(
            first_sequence=links[0].sequence,
            last_sequence=chain.through,
            previous_hash=previous_hash,
            last_hash=chain.hash,
            blob_key=self._blobs().put(organization_id, _written(links)),
        )
        self._register(organization_id, stretch)
        return len(links)

    def _register(self, organization_id: UUID, stretch: ArchivedStretch) -> None:
        """Write a stretch into the manifest, then its row: the row makes the next run continue after it."""
        manifest = read_manifest(self._blobs(), organization_id)
        kept = [each for each in manifest.archives if each.first_sequence < stretch.first_sequence]
        whole = ArchiveManifest(organization_id=organization_id, archives=[*kept, stretch])
        self._blobs().write(_name(organization_id), whole.model_dump_json(indent=1).encode())
        with self._database.organization(organization_id) as transaction:
            audit_archives.add(
                transaction, archive_id=self._new_id(), organization_id=organization_id, stretch=stretch
            )


def read_manifest(blobs: BlobStore, organization_id: UUID) -> ArchiveManifest:
    """Return an organization's manifest, an empty one if nothing was archived yet."""
    content = blobs.read(_name(organization_id))
    return (
        ArchiveManifest(**json.loads(content))
        if content
        else ArchiveManifest(organization_id=organization_id)
    )


def read_archive(blobs: BlobStore, organization_id: UUID, stretch: ArchivedStretch) -> list[Entry]:
    """Return an archive's entries. Raises NotFound, CorruptEnvelope, or ChainBroken if they are not the stretch's."""
    content = blobs.get(organization_id, stretch.blob_key)
    try:
        links = [_read(line) for line in gzip.decompress(content).splitlines()]
    except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
        raise CorruptEnvelope("The archive cannot be read; restore it from a backup") from error
    chain = Chain(through=stretch.first_sequence - 1, last_hash=stretch.previous_hash)
    for link in links:
        chain.take(link)
    chain.require_end(sequence=stretch.last_sequence, last_hash=stretch.last_hash)
    return links


def _read(line: bytes) -> Entry:
    fields = json.loads(line)
    return Entry(**fields | {"created_at": datetime.fromisoformat(fields["created_at"])})


def _written(links: list[Entry]) -> bytes:
    lines = (
        json.dumps(
            {name: getattr(link, name) for name in _FIELDS} | {"created_at": iso(link.created_at)},
            ensure_ascii=False,
        )
        for link in links
    )
    # Without a time stamp, so that the same entries give the same blob.
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def _name(organization_id: UUID) -> str:
    return f"audit-archives/{organization_id}"
