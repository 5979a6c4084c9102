"""Which channels are configured (the guide's Test 9), and whether the deployment works."""

from typing import Literal

from pydantic import BaseModel

from banxway.models.fields import OmitsNone
from banxway.reasons import Reason


class Missing(BaseModel):
    """Something that a channel lacks, and where to supply it."""

    what: str
    """A sentence that says what is missing."""
    fix: str
    """The path of the console or the API where it can be supplied."""


class ChannelStatus(OmitsNone):
    """The part that the status of every channel has."""

    configured: bool
    """Whether the channel is set up."""
    status: Literal["unverified", "inactive"] | None = None
    """`unverified` if it is configured and failing, `inactive` if it is switched off; left out if it works."""
    missing: list[Missing] | None = None
    """What it lacks; left out if it lacks nothing."""


class EmailStatus(ChannelStatus):
    """Mailboxes, and which one sends by default."""

    accounts: int = 0
    """How many mailboxes there are."""
    default_account: str | None = None
    """The address of the default mailbox; left out if there is none."""


class PhoneStatus(ChannelStatus):
    """The phone provider, and how many numbers it has."""

    provider: Literal["exotel"] | None = None
    """The provider; left out if phone is not set up."""
    numbers: int | None = None
    """How many numbers it has; left out if phone is not set up."""


class WhatsAppStatus(ChannelStatus):
    """The WhatsApp provider and the number that customers see."""

    provider: Literal["exotel"] | None = None
    """The provider; left out if WhatsApp is not set up."""
    number: str | None = None
    """The number that customers see; left out if WhatsApp is not set up."""


class SmsStatus(ChannelStatus):
    """The SMS provider."""

    provider: Literal["exotel"] | None = None
    """The provider; left out if SMS is not set up."""


class ConfigurationStatus(BaseModel):
    """One entry per channel; fields that do not apply are left out."""

    email: EmailStatus
    """Mail."""
    phone: PhoneStatus
    """Phone."""
    whatsapp: WhatsAppStatus
    """WhatsApp."""
    sms: SmsStatus
    """SMS."""


class Health(OmitsNone):
    """Whether this deployment can work."""

    status: Literal["ok", "degraded"]
    """Whether the deployment can serve requests."""
    database: str
    """`ok`, or a sentence that says what is wrong with the database."""
    storage: str
    """The word ok, or what is wrong with the disk of stored content in a sentence."""
    reason: Reason | None = None
    """What is wrong, as a word for a program; docs/errors.md lists them. Left out if nothing is wrong."""
    migrations_applied: int
    """How many migrations the database has."""
    migrations_expected: int
    """How many this release needs."""
    environment: str
    """The deployment's name for itself."""

    @property
    def works(self) -> bool:
        """Whether the deployment can serve requests."""
        return self.status == "ok"
