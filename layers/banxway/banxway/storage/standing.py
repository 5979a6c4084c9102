"""Since when work could be done at all: what fell due before that is not late yet."""

from datetime import datetime

from banxway.storage.database import Transaction


def running_since(transaction: Transaction) -> datetime:
    """Return when the database started: nothing could be polled or sent while it stood still."""
    started: datetime = transaction.single("SELECT pg_postmaster_start_time() AS at")["at"]
    return started
