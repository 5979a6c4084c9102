"""What the first page of the settings shows: a card for each channel, and what is left to set up."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from banxway.models.status.configuration import Missing

ChannelState = Literal["working", "not_configured", "not_verified", "needs_attention", "turned_off"]
WORKING: ChannelState = "working"
NOT_CONFIGURED: ChannelState = "not_configured"
NOT_VERIFIED: ChannelState = "not_verified"
NEEDS_ATTENTION: ChannelState = "needs_attention"
TURNED_OFF: ChannelState = "turned_off"
"""`not_verified` was never tested, or saved although its test failed; `needs_attention` worked or was tested, and
fails now."""

CardChannel = Literal["email", "phone", "whatsapp", "sms"]
EMAIL_CARD: CardChannel = "email"
PHONE_CARD: CardChannel = "phone"
WHATSAPP_CARD: CardChannel = "whatsapp"
SMS_CARD: CardChannel = "sms"
SetupStepName = Literal["connect_phone", "connect_whatsapp", "add_mailbox", "assign_number", "send_test"]


class ChannelCard(BaseModel):
    """One channel: its state, its last traffic, and what to do next."""

    channel: CardChannel
    """The channel."""
    state: ChannelState
    """Whether it works, and if not, why."""
    count: int | None
    """How many mailboxes or phone numbers it has; null for the other channels."""
    address: str | None
    """The default mailbox, or the number that customers see; null if there is none."""
    last_verified_at: datetime | None
    """When its credentials last worked; null if they never did."""
    last_inbound_at: datetime | None
    """When something last came in; null before the first."""
    last_outbound_at: datetime | None
    """When a message last left; null before the first."""
    problem: str | None
    """What fails, in one short sentence; null if nothing does. The diagnosis has its cause and its fix."""
    missing: list[Missing]
    """What it lacks, the most urgent first, each with the page where it can be supplied."""


class SetupStep(BaseModel):
    """One step of a new organization's set-up."""

    name: SetupStepName
    """The step."""
    is_done: bool
    """Whether it is done."""
    page: str | None
    """The console's page where it can be done; null if that is not a matter of the settings."""


class Overview(BaseModel):
    """Whether everything is connected, and what is left to set up."""

    channels: list[ChannelCard]
    """Mail, phone, WhatsApp and SMS, in this order."""
    setup: list[SetupStep]
    """The steps of the set-up, in the order in which they make sense."""
