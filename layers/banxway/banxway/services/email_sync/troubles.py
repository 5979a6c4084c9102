"""Finds the folders that should be synced and cannot be: why, and which folder replaced a lost one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from banxway.errors import ProviderRejected
from banxway.models.mail import FolderRole, FolderState
from banxway.providers.base import FolderReader
from banxway.reasons import Reason
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.folders import FolderRow, Trouble

DEFAULT_ROLES = (FolderRole.INBOX, FolderRole.SENT, FolderRole.JUNK)
_TEMPORARY = frozenset(
    {
        Reason.ACCOUNT_BLOCKED,
        Reason.FOLDER_BUSY,
        Reason.RATE_LIMITED,
        Reason.SERVER_BUSY,
        Reason.TOO_MANY_CONNECTIONS,
    }
)
_PASSES_WITHIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Attention:
    """What an admin should do about a mailbox's folders; `since` is when the latest trouble began."""

    sentence: str
    since: datetime


def synced_folders(account: AccountRow, listed: Sequence[FolderState]) -> list[FolderState]:
    """Return the folders of a mailbox that are synced: those it names, else inbox, Sent and Spam by their role.

    The inbox comes first, since people wait for it; the others follow by name.
    """
    named = account.folders
    wanted = [
        folder
        for folder in listed
        if (folder.role in DEFAULT_ROLES if named is None else folder.name in named)
    ]
    return sorted(wanted, key=lambda folder: (folder.role != FolderRole.INBOX, folder.name))


def missing_names(
    account: AccountRow, rows: Mapping[str, FolderRow], listed: Sequence[FolderState]
) -> list[str]:
    """Return the names of folders that should be synced and are not listed.

    If a mailbox names no folders, these are the inbox, and folders synced by their role that no other folder has now.
    """
    names, roles = {folder.name for folder in listed}, {folder.role.value for folder in listed}
    if account.folders is not None:
        return [name for name in account.folders if name not in names]
    lost = {
        name
        for name, row in rows.items()
        if name not in names
        and row.synced_at is not None
        and row.role in DEFAULT_ROLES
        and row.role not in roles
    }
    inbox = set() if FolderRole.INBOX in roles or names & {"INBOX"} else {"INBOX"}
    return sorted(lost | inbox)


def open_unlisted(
    mailbox: FolderReader, account: AccountRow, rows: Mapping[str, FolderRow], listed: Sequence[FolderState]
) -> tuple[list[FolderState], list[Trouble]]:
    """Return the missing folders that can be opened although they are not listed, and the troubles of the others."""
    found: list[FolderState] = []
    troubles: list[Trouble] = []
    for name in missing_names(account, rows, listed):
        try:
            found.append(mailbox.open(name))
        except ProviderRejected as error:
            kind = _kind_of(error.reason)
            renamed_to = successor(rows.get(name), account, rows, listed) if kind == "gone" else None
            troubles.append(Trouble(name, kind, error.message, error.reason, renamed_to))
    return found, troubles


def _kind_of(reason: Reason | None) -> Literal["gone", "refused"]:
    return "refused" if reason == Reason.FOLDER_DENIED or may_pass(reason) else "gone"


def with_recorded_words(trouble: Trouble, row: FolderRow | None) -> Trouble:
    """Return a trouble with the server's words as first recorded: servers put the time of day into theirs."""
    if row is None or row.trouble != trouble.kind:
        return trouble
    return replace(
        trouble, said=row.trouble_said or trouble.said, reason=row.trouble_reason or trouble.reason
    )


def may_pass(reason: str | None) -> bool:
    """Return whether a refusal is, by its reason, temporary (RFC 5530)."""
    return reason in _TEMPORARY


def successor(
    gone: FolderRow | None, account: AccountRow, rows: Mapping[str, FolderRow], listed: Sequence[FolderState]
) -> str | None:
    """Return the folder that a lost one was most likely renamed to, which has its UIDVALIDITY; None if unclear.

    Servers give one UIDVALIDITY to several folders, so a folder that has appeared since comes first, then one with
    exactly the lost one's counters.
    """
    if gone is None or not gone.uid_validity:
        return None
    synced = {folder.name for folder in synced_folders(account, listed)}
    same = [
        folder
        for folder in listed
        if folder.uid_validity == gone.uid_validity
        and folder.uid_next > gone.last_uid
        and folder.name not in synced
    ]
    known = next((folder.name for folder in same if folder.name == gone.renamed_to), None)
    new = [folder for folder in same if folder.name not in rows or not rows[folder.name].is_listed]
    exact = [
        folder
        for folder in new or same
        if (folder.uid_next, folder.messages) == (gone.uid_next, gone.messages)
    ]
    likely = exact if len(exact) == 1 else new
    return known or (likely[0].name if len(likely) == 1 else None)


def attention(email: str, rows: Sequence[FolderRow]) -> Attention | None:
    """Return what an admin should do about the folders that have a lasting trouble; None if none has one."""
    troubled = [
        (row.known_trouble, row.trouble_since)
        for row in rows
        if row.known_trouble and row.trouble_since and lasts(row.known_trouble, for_s=row.trouble_s or 0.0)
    ]
    if not troubled:
        return None
    words = "; ".join(in_words(trouble) for trouble, _ in troubled)
    sentence = (
        f"{email} is not synced completely: {words}. Choose its folders again under /settings/email-accounts, or "
        "give the mailbox access to them again at the mail provider"
    )
    return Attention(sentence, max(since for _, since in troubled))


def lasts(trouble: Trouble, *, for_s: float) -> bool:
    """Return whether a trouble lasts: a temporary refusal lasts after ten minutes, any other at once."""
    return for_s >= _PASSES_WITHIN_S or not may_pass(trouble.reason)


def in_words(trouble: Trouble) -> str:
    """Return what is wrong with one folder, as a clause."""
    if trouble.kind == "refused":
        return f"the server refuses the folder {trouble.folder} ({trouble.said})"
    renamed = f", and was most likely renamed to {trouble.renamed_to}" if trouble.renamed_to else ""
    return f"the folder {trouble.folder} is gone from the server{renamed}"
