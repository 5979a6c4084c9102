"""Opens every stored credential once: what cannot be opened is not asked about further (issue 9)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from banxway.errors import BanxwayError, CorruptEnvelope, KeyMissing, SettingsError, Unavailable, WrongKey
from banxway.models.integrations.credentials import ExotelAccount, MailServer
from banxway.services.integrations.credentials import Credentials
from banxway.services.status.diagnosis.causes import Found
from banxway.storage.email_accounts import AccountRow
from banxway.storage.integrations.integrations import AnyIntegration
from banxway.storage.status.diagnosis import Facts

_KMS_REASONS = {
    "DisabledException": "kms_key_disabled",
    "KMSInvalidStateException": "kms_key_disabled",
    "AccessDeniedException": "kms_access_denied",
    "NotFoundException": "kms_key_not_found",
    "InvalidKeyUsageException": "kms_key_not_found",
}
_ALL_AT_ONCE = "deployment"


@dataclass
class Opened:
    """What could be opened, by row id, and what was found wrong on the way.

    `elsewhere` holds the same accounts as they would be reached in other regions, by region.
    """

    accounts: dict[object, ExotelAccount] = field(default_factory=dict)
    elsewhere: dict[object, list[tuple[str, ExotelAccount]]] = field(default_factory=dict)
    secrets: dict[object, Mapping[str, str]] = field(default_factory=dict, repr=False)
    mailboxes: dict[UUID, tuple[MailServer, MailServer]] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)


def open_all(facts: Facts, *, organization_id: UUID, credentials: Callable[[], Credentials]) -> Opened:
    """Open integrations and mailboxes; stops where the key service itself fails, since all else would wait."""
    opened = Opened()
    openings: list[tuple[str, Callable[[Credentials], None]]] = [
        (row.settings.get("email") or row.integration_type, partial(_open, opened, row, organization_id))
        for row in facts.integrations
        if row.is_active
    ]
    openings += [(row.email, partial(_open_mailbox, opened, row)) for row in facts.mailboxes]
    for subject, open_one in openings:
        try:
            open_one(credentials())
        except (SettingsError, BanxwayError) as error:
            opened.found.append(explain(error, subject))
            if not isinstance(error, WrongKey | CorruptEnvelope):
                break
    return opened


def key_of(row: AnyIntegration) -> object:
    """Return by what an integration's account is found in Opened; what stands in has no id."""
    return row.id or row.integration_type


def _open(opened: Opened, row: AnyIntegration, organization_id: UUID, credentials: Credentials) -> None:
    secrets = credentials.open(row, organization_id=organization_id)
    if row.integration_type.startswith("exotel_"):
        opened.accounts[key_of(row)] = credentials.exotel(secrets)
        opened.secrets[key_of(row)] = secrets
        opened.elsewhere[key_of(row)] = credentials.elsewhere(secrets)


def _open_mailbox(opened: Opened, row: AccountRow, credentials: Credentials) -> None:
    opened.mailboxes[row.id] = credentials.open_mailbox(row)


def explain(error: Exception, subject: str) -> Found:
    """Return the cause of something stored that could not be opened. Raises the error if it is another."""
    if isinstance(error, WrongKey):
        # One changed key explains every row that it made.
        return Found("encryption_wrong_key", subject, error.message, root="encryption_wrong_key")
    if isinstance(error, CorruptEnvelope):
        return Found("envelope_corrupt", subject, error.message)
    if isinstance(error, KeyMissing):
        return Found(_reason(error.message), _ALL_AT_ONCE, error.message)
    if isinstance(error, Unavailable) and "key service" in error.message:
        return Found("kms_unreachable", _ALL_AT_ONCE, error.message)
    if isinstance(error, SettingsError) and "_MASTER_KEY" in str(error):
        return Found("encryption_key_invalid", _ALL_AT_ONCE, str(error))
    raise error


def _reason(message: str) -> str:
    named: Any = re.search(r"\((\w+)\)", message)
    return _KMS_REASONS.get(named[1], "kms_access_denied") if named else "encryption_key_missing"
