"""The channels: how each is named, which integration it uses, and which addresses reach a customer on it.

What a channel does is in services/messages/channels/.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from banxway.models.integrations.kinds import WHATSAPP as WHATSAPP_INTEGRATION
from banxway.models.integrations.kinds import ZOHO_MAIL
from banxway.models.queue_items import MailDue, MessageDue
from banxway.models.values.mail_addresses import is_email
from banxway.models.words import AddressKind, Channel, IntegrationType


def _is_mailable(address: str) -> bool:
    """Return whether a mail can be sent to it; what stands for an unreadable sender cannot (RFC 2606)."""
    return is_email(address) and not address.endswith("@invalid")


@dataclass(frozen=True, slots=True)
class ChannelTraits:
    """The fixed facts about a channel.

    `address_noun` names a customer's address in a sentence, `own_noun` what the organization answers from;
    `provider` is the name that errors carry. `is_reachable` returns whether a stored sender can be answered.
    `due_item` is put into its queue for each message that is to leave: channels whose hand-over may take minutes have
    a queue apart from those that take seconds.
    """

    name: Channel
    integration_type: IntegrationType
    address_kind: AddressKind
    address_noun: str
    own_noun: str
    provider: str
    is_reachable: Callable[[str], bool]
    due_item: type[MessageDue] | type[MailDue]


EMAIL = ChannelTraits(
    "EMAIL",
    ZOHO_MAIL.type,
    "email",
    "email address",
    "mailboxes",
    "smtp",
    is_reachable=_is_mailable,
    due_item=MailDue,
)
WHATSAPP = ChannelTraits(
    "WHATSAPP",
    WHATSAPP_INTEGRATION.type,
    "phone",
    "phone number",
    "numbers",
    "exotel",
    is_reachable=bool,
    due_item=MessageDue,
)

CHANNELS: Mapping[str, ChannelTraits] = {traits.name: traits for traits in (EMAIL, WHATSAPP)}
"""Every channel by its name, in the order in which a thread shows them."""


def channels_by_queue() -> dict[str, tuple[str, ...]]:
    """Return the channels whose messages share a queue, by the queue's name."""
    found: dict[str, tuple[str, ...]] = {}
    for traits in CHANNELS.values():
        found[traits.due_item.queue] = (*found.get(traits.due_item.queue, ()), traits.name)
    return found


def channel_of_kind(kind: AddressKind) -> ChannelTraits:
    """Return the first channel that reaches addresses of this kind."""
    return next(traits for traits in CHANNELS.values() if traits.address_kind == kind)
