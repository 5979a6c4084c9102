"""Reads the database's own time, and changes what depends on it: no test compares it with another clock.

Tickets for WebSockets live for thirty seconds, which is less than a test may take.
"""

from datetime import datetime

from tests.support.databases.postgres import TestDatabase


def let_tickets_live(database: TestDatabase) -> None:
    """Give every ticket all the time that a test may need."""
    database.rows("UPDATE realtime_tickets SET expires_at = now() + interval '1 hour'")


def now_of(database: TestDatabase) -> datetime:
    """Return the database's time, in whole seconds as in answers; what was made before is not later than this."""
    (row,) = database.rows("SELECT date_trunc('second', now()) AS at")
    at: datetime = row["at"]
    return at
