"""The channels: how each is named, which integration it uses, and which addresses reach a customer on it.

What a channel does is in services/messages/channels/.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from banxway.models.words import AddressKind, Channel, IntegrationType


@dataclass(frozen=True, slots=True)
class ChannelTraits:
    """What is known of a channel without asking anything.

    `address_noun` names a customer's address in a sentence; `provider` is the name that errors carry.
    """

    name: Channel
    integration_type: IntegrationType
    address_kind: AddressKind
    address_noun: str
    provider: str


EMAIL = ChannelTraits("EMAIL", "zoho_mail", "email", "email address", "smtp")
WHATSAPP = ChannelTraits("WHATSAPP", "exotel_whatsapp", "phone", "phone number", "exotel")

CHANNELS: Mapping[str, ChannelTraits] = {traits.name: traits for traits in (EMAIL, WHATSAPP)}
"""Every channel by its name, in the order in which a thread shows them."""


def channel_of_kind(kind: AddressKind) -> ChannelTraits:
    """Return the channel that reaches addresses of a kind; where several do, the first."""
    return next(traits for traits in CHANNELS.values() if traits.address_kind == kind)
