"""What queues do and why work fails, in plain words, and what to do about it."""

from banxway.models.queue_items import (
    CallbackReceived,
    ChangesDue,
    IdleDue,
    IntegrationDue,
    MailboxesDue,
    MailDue,
    MessageDue,
    RotationDue,
)

UNEXPLAINED = "stopped"
"""The cause of an item that SQS has moved: nobody was left to say why."""

UNEXPLAINED_SENTENCE = "The worker stopped without an error: time-out, memory or crash."

_WORK = {
    CallbackReceived.queue: "Applying callbacks",
    MessageDue.queue: "Sending messages",
    MailDue.queue: "Sending mails",
    MailboxesDue.queue: "Polling mailboxes",
    IdleDue.queue: "Watching mailboxes",
    ChangesDue.queue: "Updating open browsers",
    RotationDue.queue: "Rotating the encryption key",
    IntegrationDue.queue: "Testing integrations and syncing numbers",
}
_ADVICE = {
    UNEXPLAINED: "Ask your operator for the worker's log at that time. Redrive one, and see whether it works now.",
    "unexpected": "This is a fault of the product. Give your operator the time and the sentence above. Redrive after"
    " the next update.",
    "no_time": "Ask your operator to compare the worker's time-out with the product's settings, then redrive.",
    "unavailable": "Something of the product was down for hours. Open diagnostics; once it is healthy, redrive.",
    "database_unreachable": "The database was down for hours. Open diagnostics; once it is healthy, redrive.",
    "database_locked": "The database was busy for hours. Redrive now; if it fails again, ask your operator.",
    "decryption_failed": "Stored credentials cannot be read. Open diagnostics, repair the key, then redrive.",
    "wrong_key": "Stored credentials are under another key. Open diagnostics, repair the key, then redrive.",
    "not_configured": "An integration is missing. Set it up again in the settings, then redrive.",
}
_USUAL_ADVICE = "Open diagnostics and repair the cause, then redrive. Doing it twice does no harm."


def work_of(queue: str) -> str:
    """Return what a queue's worker does, in plain words."""
    return _WORK.get(queue, queue)


def advice_for(cause: str) -> str:
    """Return what an admin does about a cause."""
    return _ADVICE.get(cause, _USUAL_ADVICE)
