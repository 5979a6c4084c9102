"""The guard against a restored backup: what its newer self has sent must not be sent again.

A number rises every minute, in the database first and then in the blob store. A database restored from a
backup comes back with an older number than the blob store holds; then nothing is sent until a person has
looked at what was on its way and confirmed with `adopt`.
"""

from banxway.clock import Clock
from banxway.errors import Unavailable
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database
from banxway.storage.messages import ledger_epoch

_NAME = "ledger-epoch"
# No backup is restored within seconds, so that a send need not read the blob store each time.
_TRUSTED_S = 15.0


class LedgerEpoch:
    """Compares the two copies of the epoch, and raises them."""

    def __init__(self, database: Database, blobs: BlobStore, *, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._checked_until = 0.0

    def require_current(self) -> None:
        """Let a send pass. Raises Unavailable if the database is older than what was already sent."""
        if self._clock.monotonic() < self._checked_until:
            return
        inside, outside = self._read()
        if inside < outside:
            raise Unavailable(
                f"The database was restored from a backup (ledger epoch {inside}, last seen {outside}): "
                "nothing is sent until an operator has confirmed; see docs/operations.md"
            )
        self._checked_until = self._clock.monotonic() + _TRUSTED_S

    def rise(self) -> None:
        """Raise both copies by one, the database first; a no-op while they disagree."""
        inside, outside = self._read()
        if inside < outside:
            return
        with self._database.system() as transaction:
            has_risen = ledger_epoch.rise(transaction, expected=inside)
        if has_risen:
            self._blobs.write(_NAME, str(inside + 1).encode())

    def adopt(self) -> dict[str, int]:
        """Confirm a restored database: continue at the outside copy, and answer {"ledger_epoch": number}."""
        inside, outside = self._read()
        with self._database.system() as transaction:
            for epoch in range(inside, outside):
                ledger_epoch.rise(transaction, expected=epoch)
        return {"ledger_epoch": max(inside, outside)}

    def _read(self) -> tuple[int, int]:
        # In this order: a sweep raises the database's first, so that one in between leaves it ahead, never behind.
        outside = self._blobs.read(_NAME)
        with self._database.system() as transaction:
            inside = ledger_epoch.read(transaction)
        return inside, int(outside) if outside else 0
