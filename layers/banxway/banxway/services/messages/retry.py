"""Queues a message again on a person's word.

The same row is queued again, so that a recipient who got it after all sees the same Message-ID and no second
message. Only what cannot become two may be sent again: a failure that proves that the provider took nothing, or an
unknown outcome where the person confirms that the message did not arrive.
"""

from uuid import UUID

from banxway.errors import Conflict, NotFound
from banxway.models.actors import Actor
from banxway.models.messages.statuses import MessageStatus, is_in_flight
from banxway.services.integrations.permissions import require_use
from banxway.services.messages.channels.base import Channels
from banxway.storage.audit import trail as audit
from banxway.storage.database import Transaction
from banxway.storage.messages import ledger, messages
from banxway.storage.messages.rows import MessageRow
from banxway.storage.realtime import changes


def queue_again(
    transaction: Transaction,
    *,
    actor: Actor,
    message_id: UUID,
    is_confirmed: bool,
    channels: Channels,
) -> str:
    """Queue a message again, record who wanted it, and return the message's channel.

    Raises NotFound, Conflict where sending again might deliver it twice, and for its channel what sending
    a new message raises: NotConfigured, Conflict for a suspended mailbox, RateLimited, TemplateRequired.
    """
    message = messages.find(transaction, message_id)
    if message is None:
        raise NotFound("Message not found")
    require_use(transaction, actor=actor, channel=message.channel)
    _require_harmless(message, is_confirmed=is_confirmed)
    channel = channels.of(message.channel)
    channel.require_sendable(transaction, message)
    if not ledger.queue_again(transaction, message_id=message_id, status=message.status):
        raise Conflict("The message has changed meanwhile; read it again", status=message.status)
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        integration_type=channel.traits.integration_type,
        action="message.retry",
        succeeded=True,
        details={"message_id": str(message_id), "was": message.status, "confirmed": is_confirmed},
    )
    changes.record(
        transaction,
        organization_id=actor.organization_id,
        kind="message.status",
        thread_id=message.thread_id,
        message_id=message_id,
    )
    return message.channel


def _require_harmless(message: MessageRow, *, is_confirmed: bool) -> None:
    status = message.status
    if message.direction != "outbound":
        raise Conflict("A customer's own message cannot be sent again", status=status)
    if message.automatic:
        raise Conflict("An automatic mail is not sent again; write one of your own", status=status)
    if is_in_flight(status):
        raise Conflict("The message is still on its way; it is tried again without you", status=status)
    if status == MessageStatus.UNKNOWN:
        if not is_confirmed:
            raise Conflict(
                "It is unknown whether the message arrived. Ask the recipient; if it did not, repeat this with "
                "confirm_not_delivered",
                field="confirm_not_delivered",
                status=status,
            )
        return
    if status != MessageStatus.FAILED:
        raise Conflict(f"The message is {status}; only one that failed can be sent again", status=status)
    if not message.took_nothing:
        raise Conflict(
            "The provider had accepted this message before it failed, so it may have been delivered: write a new one",
            status=status,
        )
