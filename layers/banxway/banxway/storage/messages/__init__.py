"""Messages and the send ledger. Only `ledger` changes the status of a row."""

OFFERS = (
    "answered",
    "bounced",
    "contents",
    "events",
    "filed",
    "idempotency",
    "ledger",
    "ledger_epoch",
    "messages",
    "rows",
    "sent_counts",
    "unknown",
    "uploads",
)
"""What other rooms may import of it."""

TOUCHES = ("database", "storable_text", "threads")
"""The areas of its layer that it imports."""
