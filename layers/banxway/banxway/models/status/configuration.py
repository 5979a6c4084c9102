"""Which channels are configured: the guide's Test 9."""

from typing import Literal

from pydantic import BaseModel

from banxway.models.fields import Sparse


class Missing(BaseModel):
    """What a channel lacks, in a sentence, and the path in the console or the API that mends it."""

    what: str
    """What is missing, in a sentence."""
    fix: str
    """Where it is put right: a path of the console or of the API."""


class ChannelStatus(Sparse):
    """What every channel says.

    `status` is left out where the channel works: "unverified" if it is configured and failing, "inactive" if
    it is switched off. `missing` is left out where nothing is.
    """

    configured: bool
    """Whether the channel is set up."""
    status: Literal["unverified", "inactive"] | None = None
    """Unverified if it is failing, inactive if it is switched off; left out where it works."""
    missing: list[Missing] | None = None
    """What it lacks; left out where it lacks nothing."""


class EmailStatus(ChannelStatus):
    """Mailboxes, and which one sends by default."""

    accounts: int = 0
    """How many mailboxes there are."""
    default_account: str | None = None
    """The address of the mailbox that mail leaves by; left out where there is none."""


class PhoneStatus(ChannelStatus):
    """The phone provider and how many numbers it brings."""

    provider: Literal["exotel"] | None = None
    """Who provides it; left out where it is not set up."""
    numbers: int | None = None
    """How many numbers it brings; left out where it is not set up."""


class WhatsAppStatus(ChannelStatus):
    """The WhatsApp provider and the number that customers see."""

    provider: Literal["exotel"] | None = None
    """Who provides it; left out where it is not set up."""
    number: str | None = None
    """The number that customers see; left out where it is not set up."""


class SmsStatus(ChannelStatus):
    """The SMS provider."""

    provider: Literal["exotel"] | None = None
    """Who provides it; left out where it is not set up."""


class ConfigurationStatus(BaseModel):
    """One entry per channel; what does not apply is left out."""

    email: EmailStatus
    """Mail."""
    phone: PhoneStatus
    """Phone."""
    whatsapp: WhatsAppStatus
    """WhatsApp."""
    sms: SmsStatus
    """SMS."""


class Health(BaseModel):
    """Whether this deployment can work."""

    status: Literal["ok", "degraded"]
    """Whether the deployment can serve requests."""
    database: str
    """The word ok, or what is wrong with the database in a sentence."""
    storage: str
    """The word ok, or what is wrong with the disk of stored content in a sentence."""
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
