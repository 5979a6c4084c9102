"""Known mail providers: their hosts by data centre, and how much an account may send."""

import re
from typing import Literal, NamedTuple

from pydantic import BaseModel

Provider = Literal["zoho", "custom"]


class MailboxPreset(BaseModel):
    """The values that a form for a new mailbox is filled with.

    The limits are ours: how much an account may send through us in an hour and in a day before we refuse it.
    """

    id: str
    """The preset's stable id."""
    name: str
    """The preset's name, for a form."""
    provider: Provider
    """The mail provider."""
    data_center: str | None
    """The provider's data centre that has the account; null if that does not matter."""
    account_kind: Literal["personal", "organization"] | None
    """Whether it is a person's or an organization's account; null if that does not matter."""
    smtp_host: str | None
    """The server that sends its mail; null if a person must type it in."""
    smtp_port: int
    """Its port."""
    smtp_secure: bool
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""
    imap_host: str | None
    """The server that its mail is read from; null if a person must type it in."""
    imap_port: int
    """Its port."""
    imap_tls: bool
    """Whether the connection uses TLS from the first byte; false is STARTTLS."""
    hourly_limit: int | None
    """How many mails may be sent in 60 minutes; null is no limit."""
    daily_limit: int | None
    """How many mails may be sent in 24 hours; null is no limit."""
    is_confirmed: bool
    """Whether it comes from the provider's own pages; if not, from third parties."""


class _Site(NamedTuple):
    name: str
    region: str
    domain: str
    is_confirmed: bool


# reference/mail.md, 9, has the first five from Zoho's own pages; the others are in docs/assumptions.md.
_ZOHO = (
    _Site("com", "United States", "zoho.com", True),
    _Site("eu", "Europe", "zoho.eu", True),
    _Site("in", "India", "zoho.in", True),
    _Site("com.au", "Australia", "zoho.com.au", True),
    _Site("jp", "Japan", "zoho.jp", True),
    _Site("ca", "Canada", "zohocloud.ca", False),
    _Site("sa", "Saudi Arabia", "zoho.sa", False),
    _Site("com.cn", "China", "zoho.com.cn", False),
)
# A day: the guide's limit of a free account. An hour: the middle of the 50 to 500 that Zoho names.
_LIMITS: dict[Provider, tuple[int | None, int | None]] = {"zoho": (250, 500), "custom": (None, None)}
_ZOHO_HOST = re.compile(
    rf"(?i)(?:smtp|imap)(?:pro)?\.(?:{'|'.join(re.escape(each.domain) for each in _ZOHO)})\.?"
)


def provider_of(smtp_host: str, imap_host: str) -> Provider:
    """Return the provider of a mailbox with these hosts; one of them is enough."""
    return "zoho" if _ZOHO_HOST.fullmatch(smtp_host) or _ZOHO_HOST.fullmatch(imap_host) else "custom"


def usual_limits(provider: Provider) -> dict[str, int | None]:
    """Return the limits of a provider's new mailbox if none are given: {hourly_limit, daily_limit}."""
    return dict(zip(("hourly_limit", "daily_limit"), _LIMITS[provider], strict=True))


def _zoho_preset(center: _Site, kind: Literal["personal", "organization"]) -> MailboxPreset:
    pro = "pro" if kind == "organization" else ""
    return MailboxPreset(
        id=f"zoho_{kind}_{center.name.replace('.', '_')}",
        name=f"Zoho Mail, {center.region}, {kind} account",
        provider="zoho",
        data_center=center.name,
        account_kind=kind,
        smtp_host=f"smtp{pro}.{center.domain}",
        smtp_port=587,
        smtp_secure=False,
        imap_host=f"imap{pro}.{center.domain}",
        imap_port=993,
        imap_tls=True,
        is_confirmed=center.is_confirmed,
        **usual_limits("zoho"),
    )


def _custom_preset() -> MailboxPreset:
    return MailboxPreset(
        id="custom",
        name="Any SMTP and IMAP server",
        provider="custom",
        data_center=None,
        account_kind=None,
        smtp_host=None,
        smtp_port=587,
        smtp_secure=False,
        imap_host=None,
        imap_port=993,
        imap_tls=True,
        is_confirmed=True,
        **usual_limits("custom"),
    )


def list_presets() -> list[MailboxPreset]:
    """Return the presets: Zoho's by data centre, the confirmed ones first, and the one for any other server last."""
    kinds: tuple[Literal["personal", "organization"], ...] = ("personal", "organization")
    return [*(_zoho_preset(center, kind) for center in _ZOHO for kind in kinds), _custom_preset()]
