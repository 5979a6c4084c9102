"""Delivery reports that arrived before it was known which message they are about."""

from uuid import UUID

from banxway.storage.database import Transaction
from banxway.storage.messages import events as message_events
from banxway.storage.messages import settling


def adopt(transaction: Transaction, *, message_id: UUID, provider_sid: str) -> None:
    """Apply the early reports of a message, in the order in which they arrived.

    Call it as soon as the provider's id of the message is known, with that id locked (`message_events.lock_sids`). A
    report with an unknown word changes nothing, and is shown at the message. Repeating it changes nothing.
    """
    reports = message_events.find_recorded(transaction, identities=(), provider_sids=(provider_sid,))
    if not reports:
        return
    rows = settling.lock_all(transaction, (message_id,))
    for evidence in filter(None, (report.evidence() for report in reports)):
        rows = {one: settling.settled(row, evidence) for one, row in rows.items()}
    settling.save_all(transaction, list(rows.values()))
    message_events.assign_all(transaction, {report.identity: message_id for report in reports})
