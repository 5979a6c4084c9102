"""Opens every stored credential once: what cannot be opened is not asked about further (issue 9)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from banxway.errors import BanxwayError, CorruptEnvelope, KeyMissing, SettingsError, Unavailable, WrongKey
from banxway.models.credentials import ExotelAccount, MailServer
from banxway.security import redaction
from banxway.services.credentials import Credentials
from banxway.services.diagnosis.causes import Found
from banxway.storage.database import Row
from banxway.storage.diagnosis import Facts

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
    """What could be opened, by row id, and what was found wrong on the way."""

    accounts: dict[UUID, ExotelAccount] = field(default_factory=dict)
    mailboxes: dict[UUID, tuple[MailServer, MailServer]] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)


def open_all(facts: Facts, *, organization_id: UUID, credentials: Callable[[], Credentials]) -> Opened:
    """Open integrations and mailboxes; stops where the key service itself fails, since all else would wait."""
    opened = Opened()
    rows = [(row["integration_type"], row) for row in facts.integrations if row["is_active"]]
    rows += [(row["email"], row) for row in facts.mailboxes]
    for subject, row in rows:
        try:
            _open(opened, credentials(), row, organization_id)
        except SettingsError as error:
            opened.found.append(Found("encryption_key_invalid", _ALL_AT_ONCE, str(error)))
            break
        except BanxwayError as error:
            opened.found.append(_found(error, subject))
            if isinstance(error, Unavailable | KeyMissing):
                break
    return opened


def _open(opened: Opened, credentials: Credentials, row: Row, organization_id: UUID) -> None:
    if "integration_type" in row:
        opened.accounts[row["id"]] = credentials.open_exotel(row, organization_id=organization_id)
        return
    servers = credentials.open_mailbox(row)
    for server in servers:
        redaction.remember(server.password)
    opened.mailboxes[row["id"]] = servers


def _found(error: BanxwayError, subject: str) -> Found:
    if isinstance(error, WrongKey):
        # One changed key explains every row that it made.
        return Found("encryption_wrong_key", subject, error.message, root="encryption_wrong_key")
    if isinstance(error, CorruptEnvelope):
        return Found("envelope_corrupt", subject, error.message)
    if isinstance(error, KeyMissing):
        return Found(_reason(error.message), _ALL_AT_ONCE, error.message)
    if isinstance(error, Unavailable):
        return Found("kms_unreachable", _ALL_AT_ONCE, error.message)
    raise error


def _reason(message: str) -> str:
    named: Any = re.search(r"\((\w+)\)", message)
    return _KMS_REASONS.get(named[1], "kms_access_denied") if named else "encryption_key_missing"
