"""Re-wraps everything that is encrypted under the current key, without opening the content and without a pause.

A worker goes through the tables and the blobs in small batches. Its position is a row, moved in the transaction that
replaces a batch, so that it may be killed anywhere and two may work at once. A value that is saved meanwhile is not
overwritten; passes repeat until one finds nothing left to move.
"""

import bisect
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import DecryptionFailed, KeyMissing, Unavailable
from banxway.models.actors import Actor
from banxway.models.maintenance.rotations import RotationProgress
from banxway.models.queue_items import RotationDue
from banxway.security.envelope import Envelope
from banxway.storage import maintenance as key_rotations
from banxway.storage.audit import chain as audit_chain
from banxway.storage.audit import trail as audit
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database, Transaction
from banxway.storage.maintenance import EnvelopeRow, RotationRow

_BUDGET_S = 15.0  # of the worker's 30, so that a batch of large blobs still fits
_AT_ONCE = 50
# Longer than a queue's visibility timeout, and than the longest delay between two attempts of an item.
_STALLED_S = 360
_MOST_STALLED = 100
_BLOBS = "blobs"
_STAGES = (*key_rotations.TABLES, _BLOBS)


class Rotation:
    """Starts rotations, works on them, and returns their progress."""

    def __init__(
        self,
        database: Database,
        *,
        envelope: Callable[[], Envelope],
        blobs: Callable[[], BlobStore],
        enqueue: Callable[[RotationDue], None],
        clock: Clock,
    ) -> None:
        self._database = database
        self._envelope = envelope
        self._blobs = blobs
        self._enqueue = enqueue
        self._clock = clock

    def start(self, *, actor: Actor) -> RotationProgress:
        """Begin a rotation of the actor's organization, or continue the one that is running; return its progress."""
        with self._database.as_actor(actor) as transaction:
            self._start(transaction, actor.organization_id, started_by=actor.user_id)
            progress = key_rotations.progress(transaction)
        self._enqueue_work(actor.organization_id)
        return progress

    def progress(self, *, actor: Actor) -> RotationProgress:
        """Return the progress of the latest rotation; an empty one if there never was any."""
        with self._database.as_actor(actor) as transaction:
            return key_rotations.progress(transaction)

    def start_everywhere(self) -> dict[str, Any]:
        """Begin a rotation of every organization; return {"organizations": how many}."""
        with self._database.system() as transaction:
            # An organization that ever configured anything has an audit trail; without one it has nothing sealed.
            organizations = audit_chain.organizations(transaction)
        for organization_id in organizations:
            with self._database.organization(organization_id) as transaction:
                self._start(transaction, organization_id, started_by=None)
            self._enqueue_work(organization_id)
        return {"organizations": len(organizations)}

    def wake_stalled(self) -> int:
        """Enqueue rotations that no worker has moved for six minutes; return how many."""
        with self._database.system() as transaction:
            found = key_rotations.stalled(transaction, idle_s=_STALLED_S, limit=_MOST_STALLED)
        for organization_id in found:
            self._enqueue(RotationDue(organization_id=organization_id))
        return len(found)

    def work(self, organization_id: UUID) -> None:
        """Work on a rotation for 15 seconds, and enqueue the rest; nothing if none is running.

        Raises KeyMissing or Unavailable while the current key cannot be used, and Unavailable for other outages. An
        envelope that does not open is counted, named, and left unchanged.
        """
        until = self._clock.monotonic() + _BUDGET_S
        try:
            run = _Run(self._database, self._envelope(), self._blobs(), organization_id)
            row = run.begin()
            while row is not None and self._clock.monotonic() < until:
                row = run.move(row)
        except (KeyMissing, Unavailable) as error:
            # If the database itself is down, the queue still has the item.
            with suppress(Unavailable), self._database.organization(organization_id) as transaction:
                key_rotations.record_error(transaction, error.message)
            raise
        if row is not None:
            self._enqueue(RotationDue(organization_id=organization_id))

    def _start(self, transaction: Transaction, organization_id: UUID, *, started_by: UUID | None) -> None:
        if key_rotations.start(transaction, organization_id=organization_id, started_by=started_by):
            audit.append(
                transaction,
                organization_id=organization_id,
                user_id=started_by,
                action="encryption.rotate",
                succeeded=True,
                details={},
            )

    def _enqueue_work(self, organization_id: UUID) -> None:
        # The row exists: the sweeper wakes the worker if the queue cannot be reached now.
        with suppress(Unavailable):
            self._enqueue(RotationDue(organization_id=organization_id))


class _Run:
    """One worker's turn at one organization's rotation."""

    def __init__(
        self, database: Database, envelope: Envelope, blobs: BlobStore, organization_id: UUID
    ) -> None:
        self._database = database
        self._envelope = envelope
        self._blobs = blobs
        self._organization_id = organization_id
        self._names: list[str] | None = None

    def begin(self) -> RotationRow | None:
        """Return the rotation's row or None; it starts again from the front if the key changed since it began."""
        key_id = self._envelope.current_key_id(self._organization_id)
        names = self._blobs.sealed_names(self._organization_id)
        with self._transaction() as transaction:
            row = key_rotations.find_unfinished(transaction)
            if row is None or row.key_id == key_id:
                return row
            totals = key_rotations.count_envelopes(transaction) | {_BLOBS: len(names)}
            return key_rotations.begin(transaction, row, key_id=key_id, totals=totals)

    def move(self, row: RotationRow) -> RotationRow | None:
        """Do the next batch and return the moved row; None if all is done, or if another worker continues."""
        # The current key is tried first, so that no envelope is blamed for a key that does not work.
        self._envelope.current_key_id(self._organization_id)
        if row.stage == _BLOBS:
            return self._move_blobs(row)
        table = row.stage
        with self._transaction() as transaction:
            found = key_rotations.envelopes(transaction, table, after=row.done_through, limit=_AT_ONCE)
        if not found:
            return self._leave_stage(row)
        moves, unreadable = self._rewrap(table, found)
        with self._transaction() as transaction:
            replaced = sum(
                key_rotations.replace_envelope(
                    transaction, table, row_id=each.id, sealed=sealed, previous=each.sealed
                )
                for each, sealed in moves
            )
            return key_rotations.advance(
                transaction,
                row,
                done_through=str(found[-1].id),
                moved=len(moves),
                current=len(found) - len(unreadable) - (len(moves) - replaced),
                unreadable=self._recorded(transaction, unreadable),
            )

    def _rewrap(
        self, table: str, found: list[EnvelopeRow]
    ) -> tuple[list[tuple[EnvelopeRow, str]], dict[str, str]]:
        moves, unreadable = [], {}
        for each in found:
            try:
                sealed = self._envelope.rewrap(each.sealed, organization_id=self._organization_id)
            except DecryptionFailed as error:
                unreadable[f"{table} {each.id}"] = error.message
                continue
            if sealed is not None:
                moves.append((each, sealed))
        return moves, unreadable

    def _move_blobs(self, row: RotationRow) -> RotationRow | None:
        if self._names is None:
            self._names = self._blobs.sealed_names(self._organization_id)
        first = bisect.bisect_right(self._names, row.done_through)
        batch = self._names[first : first + _AT_ONCE]
        if not batch:
            return self._leave_stage(row)
        moved, unreadable = 0, {}
        for name in batch:
            try:
                moved += self._blobs.rewrap(self._organization_id, name)
            except DecryptionFailed as error:
                unreadable[f"{_BLOBS} {name}"] = error.message
        with self._transaction() as transaction:
            return key_rotations.advance(
                transaction,
                row,
                done_through=batch[-1],
                moved=moved,
                current=len(batch) - len(unreadable),
                unreadable=self._recorded(transaction, unreadable),
            )

    def _leave_stage(self, row: RotationRow) -> RotationRow | None:
        is_last = row.stage == _STAGES[-1]
        with self._transaction() as transaction:
            if is_last and row.moved_in_pass == 0:
                self._finish(transaction, row)
                return None
            self._names = None
            following = _STAGES[0] if is_last else _STAGES[_STAGES.index(row.stage) + 1]
            return key_rotations.enter_stage(transaction, row, stage=following, is_next_pass=is_last)

    def _finish(self, transaction: Transaction, row: RotationRow) -> None:
        finished = key_rotations.finish(transaction, row)
        if finished is not None:
            counts = {
                name: getattr(finished, name) for name in ("total", "rewrapped", "unreadable", "key_id")
            }
            audit.append(
                transaction,
                organization_id=self._organization_id,
                user_id=finished.started_by,
                action="encryption.rotated",
                succeeded=finished.unreadable == 0,
                details=counts,
            )

    def _recorded(self, transaction: Transaction, unreadable: dict[str, str]) -> list[str]:
        if unreadable:
            name, sentence = next(iter(unreadable.items()))
            key_rotations.record_error(transaction, f"{name}: {sentence}")
        return list(unreadable)

    def _transaction(self) -> Any:
        return self._database.organization(self._organization_id)
