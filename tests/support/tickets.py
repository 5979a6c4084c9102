"""Tickets for WebSockets, which live for thirty seconds: less than a test may take."""

from tests.support.postgres import TestDatabase


def let_tickets_live(database: TestDatabase) -> None:
    """Give every ticket all the time that a test may need."""
    database.rows("UPDATE realtime_tickets SET expires_at = now() + interval '1 hour'")
