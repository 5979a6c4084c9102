"""Keeps a database that was restored from a backup from sending again what was sent after the backup.

A number rises every minute, in the database first and then in the blob store. A restored database has a lower
number than the blob store; then nothing is sent until an operator has checked the messages that were being sent,
and confirms with `adopt`.
"""

from banxway.clock import Clock
from banxway.errors import Unavailable
from banxway.reasons import Reason
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database
from banxway.storage.messages import ledger_epoch

_NAME = "ledger-epoch"
# Restoring a backup takes longer than this, so a send need not read the blob store each time.
_TRUSTED_S = 15.0


class LedgerEpoch:
    """Compares and raises the two copies of the epoch."""

    def __init__(self, database: Database, blobs: BlobStore, *, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._checked_until = 0.0

    def require_current(self) -> None:
        """Require that the database is not older than the last send, or raise Unavailable."""
        if self._clock.monotonic() < self._checked_until:
            return
        inside, outside = self._read()
        if inside < outside:
            raise Unavailable(
                f"The database was restored from a backup (ledger epoch {inside}, last seen {outside}): "
                "nothing is sent until an operator has confirmed; see docs/operations.md",
                reason=Reason.LEDGER_EPOCH_BEHIND,
            )
        self._checked_until = self._clock.monotonic() + _TRUSTED_S

    def rise(self) -> None:
        """Raise both copies by one, the database's first; do nothing while the database's is lower."""
        inside, outside = self._read()
        if inside < outside:
            return
        with self._database.system() as transaction:
            has_risen = ledger_epoch.rise(transaction, expected=inside)
        if has_risen:
            self._blobs.write(_NAME, str(inside + 1).encode())

    def adopt(self) -> dict[str, int]:
        """Confirm a restored database: raise its copy to the outside one and return {"ledger_epoch": number}."""
        inside, outside = self._read()
        with self._database.system() as transaction:
            for epoch in range(inside, outside):
                ledger_epoch.rise(transaction, expected=epoch)
        return {"ledger_epoch": max(inside, outside)}

    def _read(self) -> tuple[int, int]:
        # In this order: a sweep in between raises the database's copy first, and so never makes it look restored.
        outside = self._blobs.read(_NAME)
        with self._database.system() as transaction:
            inside = ledger_epoch.read(transaction)
        return inside, int(outside) if outside else 0
