"""Messages and the ledger; only ledger.py and settling.py change the status of a row.

rows.py          a message as it is inserted, and as it is read
messages.py      inserts and finds messages
ledger.py        every change of a status
settling.py      what evidence makes of messages, for one or a set
due.py           messages that wait for a slot of their queue
ledger_epoch.py  the number that tells a restored database from a live one
events.py        the provider's reports
unknown.py       mails whose outcome is unknown
idempotency.py   Idempotency-Keys and their first answers
sent_counts.py   how much a mailbox has sent
uploads.py       announced uploads
answered.py      the message that an answer refers to
filed.py         batches of mails that become messages
bounced.py       delivery reports by mail
contents.py      bodies, attachments and originals
"""

OFFERS = (
    "answered",
    "bounced",
    "contents",
    "due",
    "events",
    "filed",
    "idempotency",
    "ledger",
    "ledger_epoch",
    "messages",
    "rows",
    "sent_counts",
    "settling",
    "unknown",
    "uploads",
)
"""The modules that other areas may import."""

TOUCHES = ("database", "storable_text", "threads")
"""The areas of its layer that it imports."""
