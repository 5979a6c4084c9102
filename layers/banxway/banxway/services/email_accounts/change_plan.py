"""Plans a change of a mailbox: which columns it sets, and which logins must be tested before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from banxway.errors import ValidationFailed
from banxway.models.email_accounts.presets import provider_of
from banxway.services.email_accounts.login_checks import HALVES, with_default_security
from banxway.storage import email_accounts
from banxway.storage import team as users
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import folders as email_folders

SECRETS = ("smtp_password", "imap_password")
_PARTS = {
    "smtp": ("smtp_host", "smtp_port", "smtp_user", "smtp_secure", "smtp_password"),
    "imap": ("imap_host", "imap_port", "imap_user", "imap_tls", "imap_password"),
}
_LOGIN = tuple(name for half in HALVES for name in _PARTS[half])
# Fields that set no column of their own name.
_SPECIAL = frozenset({"is_default", "sending_stopped"})


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What a change of a mailbox sets.

    `login` are all columns and passwords of both logins after the change, None if no login changes. `halves` must
    work before anything is saved. `options` are the columns that need no test.
    """

    login: dict[str, Any] | None
    halves: tuple[str, ...]
    options: dict[str, Any]

    def login_columns(self) -> dict[str, Any]:
        """Return the columns of the new login, without its passwords."""
        if self.login is None:
            return {}
        columns = {name: value for name, value in self.login.items() if name not in SECRETS}
        return {**columns, "provider": provider_of(columns["smtp_host"], columns["imap_host"])}


def needs_secrets(before: AccountRow, given: Mapping[str, Any]) -> bool:
    """Return whether the change must reuse a stored password, since not both are given."""
    return _concerns_login(before, given) and not all(name in given for name in SECRETS)


def plan(before: AccountRow, given: Mapping[str, Any], secrets: Mapping[str, str]) -> PlannedChange:
    """Return the change that the given fields make; `secrets` are the stored passwords if they are needed."""
    kept = {name: value for name, value in given.items() if name not in _LOGIN and name not in _SPECIAL}
    if "sends_canary" in kept:
        kept |= {"canary_problem": None, "canary_is_stuck": False}
    login = None
    if _concerns_login(before, given):
        typed = {name: given[name] for name in SECRETS if name in given}
        login = {**_login_after(before, given), **secrets, **typed}
    return PlannedChange(login=login, halves=_tested(before, given), options=kept)


def require_known(
    transaction: Transaction, columns: Mapping[str, Any], *, account: AccountRow | None = None
) -> None:
    """Require that the assignee is an active member, and that the mail server has listed the folders.

    Raises ValidationFailed naming the field. Folders are checked only after the server has listed them once.
    """
    user_id = columns.get("assigned_to_user_id")
    user = users.find(transaction, user_id) if user_id else None
    if user_id and (user is None or not user.is_active):
        raise ValidationFailed(
            "assigned_to_user_id must be an active member of this organization", field="assigned_to_user_id"
        )
    folders = email_folders.list_of(transaction, account.id) if account and columns.get("folders") else []
    known = [folder.name for folder in folders if folder.is_listed]
    unknown = [name for name in columns.get("folders") or () if known and name not in known]
    if unknown:
        raise ValidationFailed(
            f"folders: {unknown[0]} must be one of the mailbox's folders: {', '.join(known)}", field="folders"
        )


def require_stored_version(transaction: Transaction, based_on: str | None, account: AccountRow) -> None:
    """Require that the mailbox has the version that a change is based on. Raises ChangedMeanwhile."""
    require_version(
        transaction,
        based_on,
        email_accounts.version(account),
        actions=("mailbox.update",),
        about={"account_id": str(account.id)},
    )


def is_same_login(one: AccountRow, other: AccountRow) -> bool:
    """Return whether two readings of a mailbox's row have the same login."""
    names = (*(name for name in _LOGIN if name not in SECRETS), "credentials_encrypted")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _login_after(before: AccountRow, given: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name in _LOGIN if name not in SECRETS]
    after = {name: given.get(name, getattr(before, name)) for name in names}
    if after["smtp_port"] != before.smtp_port and "smtp_secure" not in given:
        after["smtp_secure"] = None
    return with_default_security(after)


def _concerns_login(before: AccountRow, given: Mapping[str, Any]) -> bool:
    return bool(_tested(before, given)) or any(_is_half_changed(half, before, given) for half in HALVES)


def _is_half_changed(half: str, before: AccountRow, given: Mapping[str, Any]) -> bool:
    """Return whether a half of the login changes; a given password counts as a change, even the same one."""
    after = _login_after(before, given)
    return any(
        name in given if name in SECRETS else after[name] != getattr(before, name) for name in _PARTS[half]
    )


def _tested(before: AccountRow, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the halves that must work: those in use whose login changes, or that are being switched on."""
    return tuple(
        half
        for half in HALVES
        if given.get(f"{half}_enabled", _is_enabled(before, half))
        and (not _is_enabled(before, half) or _is_half_changed(half, before, given))
    )


def _is_enabled(account: AccountRow, half: str) -> bool:
    return account.smtp_enabled if half == "smtp" else account.imap_enabled
