"""Chooses the recipients of an answer: the writer of the answered message, and nobody else by default.

The message is the one that the caller names, else the newest that we received on the channel. Its
Reply-To counts before its sender. If we received none on the channel yet, the answer goes to the person we
wrote to last, else to the only address that the customer has. Our own mailboxes and numbers are never among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.e164 import spellings
from banxway.errors import ValidationFailed
from banxway.models.channels import CHANNELS
from banxway.models.messages.messages import MOST_RECIPIENTS
from banxway.models.values.quoting import quoted
from banxway.services.customers import own_addresses
from banxway.storage.customers import customers
from banxway.storage.database import Transaction
from banxway.storage.messages import answered as answered_messages
from banxway.storage.messages.answered import AnsweredRow
from banxway.storage.threads.threads import ThreadRow


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that an answer on one channel answers, and its recipients: the writer alone, or everybody.

    `message` is None where nothing was written on the channel yet. `reason` says why these people, in a sentence.
    """

    message: AnsweredRow | None
    reply_to: list[str]
    reply_all: list[str]
    reason: str


def answered_by(
    transaction: Transaction, *, thread: ThreadRow, channel: str, message_id: UUID | None = None
) -> Answered:
    """Return what an answer on a channel answers. Raises ValidationFailed for a message of another thread."""
    own = own_addresses.of_channel(transaction, channel)
    if message_id:
        message = answered_messages.find(transaction, thread_id=thread.id, message_id=message_id)
        if message is None or message.channel != channel:
            raise ValidationFailed(
                f"reply_to_message_id must be a message of this thread on {channel}",
                field="reply_to_message_id",
            )
    else:
        message = answered_messages.find_latest(transaction, thread_id=thread.id, channel=channel)
    if message is None:
        return _without_message(transaction, thread, channel, own)
    return of_message(message, own)


def of_message(message: AnsweredRow, own: frozenset[str]) -> Answered:
    """Return the recipients of an answer to a message; `own` are the organization's addresses on its channel."""
    if message.direction == "outbound":
        written_to = message.mail_to or [message.recipient]
        people = _others(written_to, own)
        return Answered(
            message, people, _others((*written_to, *message.mail_cc), own), "You wrote to them last"
        )
    writer, reason = _writer(message, own)
    copied = filter(CHANNELS[message.channel].is_reachable, (*message.mail_to, *message.mail_cc))
    everybody = _others((*writer, *copied), own)
    return Answered(message, writer, everybody, reason)


def _writer(message: AnsweredRow, own: frozenset[str]) -> tuple[list[str], str]:
    sender = message.sender
    if message.answer_to:
        return _others([message.answer_to], own), f"{sender} passed on what they wrote"
    is_reachable = CHANNELS[message.channel].is_reachable
    named = _others(filter(is_reachable, message.mail_reply_to), own)
    if named:
        return named, f"The message from {sender} names them as its Reply-To"
    return _others(filter(is_reachable, [sender]), own), "They wrote the message that you answer"


def _others(addresses: Iterable[str], own: frozenset[str]) -> list[str]:
    """Return the addresses that are not ours, in order, each once, and at most as many as a mail may have."""
    others = dict.fromkeys(each for each in addresses if each.lower() not in own)
    return list(others)[:MOST_RECIPIENTS]


def _without_message(
    transaction: Transaction, thread: ThreadRow, channel: str, own: frozenset[str]
) -> Answered:
    known = customers.addresses_of(
        transaction, customer_id=thread.customer_id, kind=CHANNELS[channel].address_kind
    )
    people = _others(known, own)
    # Two spellings of one line are one address.
    if len({spellings(one)[0] for one in people}) == 1:
        people = people[:1]
        return Answered(None, people, people, f"It is the customer's only {CHANNELS[channel].address_noun}")
    return Answered(None, [], [], "")


def chosen(
    transaction: Transaction, *, channel: str, answered: Answered, to: Sequence[str] | None
) -> list[str]:
    """Return the recipients of a message: those named in `to`, else those who are answered.

    Raises ValidationFailed naming `to` if one of them is ours, or if there is none.
    """
    if to:
        require_others(transaction, channel=channel, field="to", addresses=to)
        return list(to)
    if answered.reply_to:
        return answered.reply_to
    raise ValidationFailed(_why_nobody(answered.message, channel), field="to")


def require_others(transaction: Transaction, *, channel: str, field: str, addresses: Iterable[str]) -> None:
    """Require that none of the addresses is ours, or raise ValidationFailed naming the field."""
    own = own_addresses.of_channel(transaction, channel)
    ours = next((each for each in addresses if each.lower() in own), None)
    if ours:
        raise ValidationFailed(
            f"{field}: {quoted(ours)} is your own organization's, not a customer's", field=field
        )


def _why_nobody(message: AnsweredRow | None, channel: str) -> str:
    what = CHANNELS[channel].address_noun
    if message is None:
        return f"to is required: the customer has no {what} yet, or several"
    return (
        f"to is required: the message that you answer came from {message.sender} and names nobody to answer"
    )
