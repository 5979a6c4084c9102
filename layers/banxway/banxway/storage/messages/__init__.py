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
"""The modules that other areas may import."""

TOUCHES = ("database", "storable_text", "threads")
"""The areas of its layer that it imports."""
