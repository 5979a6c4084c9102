"""Delivery reports that arrived before it was known which message they are about."""

from uuid import UUID

from banxway.models.messages.statuses import MessageStatus
from banxway.storage.database import Transaction
from banxway.storage.messages import events as message_events
from banxway.storage.messages import ledger


def adopt(transaction: Transaction, *, message_id: UUID, provider_sid: str) -> bool:
    """Apply the early reports of a message, in the order in which they arrived; return whether its status changed.

    Call it as soon as the provider's name of the message is known. A report with an unknown word changes nothing,
    and is shown at the message. Repeating it changes nothing.
    """
    changed = False
    for report in message_events.adopt_orphans(transaction, message_id=message_id, provider_sid=provider_sid):
        if report.status:
            status = ledger.settle(
                transaction,
                message_id=message_id,
                outcome=MessageStatus(report.status),
                provider_sid=provider_sid,
                provider_code=report.provider_code,
                reason=report.description,
            )
            changed = changed or status is not None
    return changed
