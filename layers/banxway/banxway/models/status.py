"""Which channels are configured: the guide's Test 9."""

from pydantic import BaseModel

from banxway.models.fields import Sparse


class Missing(BaseModel):
    """What a channel lacks, in a sentence, and the path in the console or the API that mends it."""

    what: str
    fix: str


class ChannelStatus(Sparse):
    """What every channel says.

    `status` is left out where the channel works: "unverified" if it is configured and failing, "inactive" if
    it is switched off. `missing` is left out where nothing is.
    """

    configured: bool
    status: str | None = None
    missing: list[Missing] | None = None


class EmailStatus(ChannelStatus):
    """Mailboxes, and which one sends by default."""

    accounts: int = 0
    default_account: str | None = None


class PhoneStatus(ChannelStatus):
    """The phone provider and how many numbers it brings."""

    provider: str | None = None
    numbers: int | None = None


class WhatsAppStatus(ChannelStatus):
    """The WhatsApp provider and the number that customers see."""

    provider: str | None = None
    number: str | None = None


class SmsStatus(ChannelStatus):
    """The SMS provider."""

    provider: str | None = None


class ConfigurationStatus(BaseModel):
    """One entry per channel; what does not apply is left out."""

    email: EmailStatus
    phone: PhoneStatus
    whatsapp: WhatsAppStatus
    sms: SmsStatus


class Health(BaseModel):
    """Whether this deployment can work."""

    status: str  # ok | degraded
    database: str  # ok | the reason in a sentence
    storage: str  # ok | the reason in a sentence: the disk of the blob folder is full
    migrations_applied: int
    migrations_expected: int
    environment: str

    @property
    def works(self) -> bool:
        """Whether the deployment can serve requests."""
        return self.status == "ok"
