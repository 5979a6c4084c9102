"""Which channels are configured: the guide's Test 9."""

from pydantic import BaseModel

from banxway.models.fields import Sparse


class EmailStatus(Sparse):
    """Mailboxes, and which one sends by default."""

    configured: bool
    accounts: int = 0
    default_account: str | None = None


class PhoneStatus(Sparse):
    """The phone provider and how many numbers it brings."""

    configured: bool
    provider: str | None = None
    numbers: int | None = None


class WhatsAppStatus(Sparse):
    """The WhatsApp provider and the number that customers see."""

    configured: bool
    provider: str | None = None
    number: str | None = None


class SmsStatus(Sparse):
    """The SMS provider."""

    configured: bool
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
    migrations_applied: int
    migrations_expected: int
    environment: str

    @property
    def works(self) -> bool:
        """Whether the deployment can serve requests."""
        return self.status == "ok"
