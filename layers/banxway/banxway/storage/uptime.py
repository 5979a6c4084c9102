"""Since when the database has been running: work that fell due before its start is not late yet."""

from datetime import datetime

from banxway.storage.database import Transaction


def running_since(transaction: Transaction) -> datetime:
    """Return when the database started: nothing could be polled or sent while it was down."""
    started: datetime = transaction.single("SELECT pg_postmaster_start_time() AS at")["at"]
    return started
