"""When messages last left, by channel."""

from collections.abc import Sequence
from datetime import datetime

from banxway.storage.database import Transaction


def last_outbound(transaction: Transaction, *, channels: Sequence[str]) -> dict[str, datetime]:
    """Return when the newest message that was accepted left, by channel; a channel without one is left out."""
    rows = transaction.all(
        """SELECT one.channel, newest.occurred_at
           FROM unnest(%s::text[]) AS one (channel)
           CROSS JOIN LATERAL (
               SELECT m.occurred_at FROM messages m
               WHERE m.channel = one.channel AND m.direction = 'outbound'
                 AND m.status IN ('accepted', 'sent', 'delivered', 'read')
               ORDER BY m.occurred_at DESC LIMIT 1) AS newest""",
        (list(channels),),
    )
    return {row["channel"]: row["occurred_at"] for row in rows}
