"""Opens every stored credential once; a provider whose credential does not open is not asked (issue 9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from banxway.errors import BanxwayError, CorruptEnvelope, SettingsError, WrongKey
from banxway.models.integrations.credentials import ExotelAccount, MailServer
from banxway.reasons import Reason
from banxway.services.integrations.credentials import Credentials
from banxway.services.status.diagnosis.causes import Found
from banxway.storage.email_accounts import AccountRow
from banxway.storage.integrations.integrations import AnyIntegration
from banxway.storage.status.diagnosis import Facts

_CODES = {
    Reason.ENCRYPTION_KEY_MISSING: "encryption_key_missing",
    Reason.ENCRYPTION_KEY_INVALID: "encryption_key_invalid",
    Reason.KEY_SERVICE_DOWN: "kms_unreachable",
    Reason.KMS_ACCESS_DENIED: "kms_access_denied",
    Reason.KMS_KEY_DISABLED: "kms_key_disabled",
    Reason.KMS_KEY_NOT_FOUND: "kms_key_not_found",
}
_ALL_AT_ONCE = "deployment"


@dataclass
class Opened:
    """The opened credentials, by row id, and the findings about those that did not open.

    `elsewhere` has the same accounts with the addresses of other regions, by region.
    """

    accounts: dict[object, ExotelAccount] = field(default_factory=dict)
    elsewhere: dict[object, list[tuple[str, ExotelAccount]]] = field(default_factory=dict)
    secrets: dict[object, Mapping[str, str]] = field(default_factory=dict, repr=False)
    mailboxes: dict[UUID, tuple[MailServer, MailServer]] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)


def open_all(facts: Facts, *, organization_id: UUID, credentials: Callable[[], Credentials]) -> Opened:
    """Open integrations and mailboxes. Stop if the key service itself fails: each row would wait for it."""
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
    """Return the key of an integration's account in Opened; one of the environment has no id."""
    return row.id or row.integration_type


def _open(opened: Opened, row: AnyIntegration, organization_id: UUID, credentials: Credentials) -> None:
    secrets = credentials.open(row, organization_id=organization_id)
    if row.integration_type.startswith("exotel_"):
        opened.accounts[key_of(row)] = credentials.exotel_account(secrets)
        opened.secrets[key_of(row)] = secrets
        opened.elsewhere[key_of(row)] = credentials.in_other_regions(secrets)


def _open_mailbox(opened: Opened, row: AccountRow, credentials: Credentials) -> None:
    opened.mailboxes[row.id] = credentials.open_smtp(row), credentials.open_imap(row)


def is_about_keys(error: BanxwayError | SettingsError) -> bool:
    """Return whether `explain` knows an error."""
    return isinstance(error, WrongKey | CorruptEnvelope) or error.reason in _CODES


def explain(error: BanxwayError | SettingsError, subject: str) -> Found:
    """Return the cause of something stored that could not be opened. Raises the error if it is another."""
    if isinstance(error, WrongKey):
        # One changed key explains every row that it made.
        return Found("encryption_wrong_key", subject, error.message, root="encryption_wrong_key")
    if isinstance(error, CorruptEnvelope):
        return Found("envelope_corrupt", subject, error.message)
    if error.reason in _CODES:
        return Found(_CODES[error.reason], _ALL_AT_ONCE, error.message)
    raise error
