"""Shows a mailbox's folders: those that the server listed last, and those that are chosen but missing."""

from collections.abc import Sequence

from banxway.models.email_accounts.accounts import EmailFolder
from banxway.models.mail import FolderRole
from banxway.services.email_sync import troubles
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.folders import FolderRow


def shown(account: AccountRow, rows: Sequence[FolderRow]) -> list[EmailFolder]:
    """Return the folders of a mailbox by the rows of its last poll; none before the first poll."""
    chosen: list[str] | None = account.folders
    names = {row.name for row in rows}
    missing = [
        EmailFolder(name=name, role=FolderRole.OTHER, exists=False, is_synced=False, synced_at=None)
        for name in chosen or ()
        if name not in names
    ]
    return [_folder(row, chosen) for row in rows] + missing if rows else []


def _folder(row: FolderRow, chosen: list[str] | None) -> EmailFolder:
    is_chosen = row.role in troubles.DEFAULT_ROLES if chosen is None else row.name in chosen
    return EmailFolder(
        name=row.name,
        role=FolderRole(row.role),
        exists=row.is_listed,
        is_synced=is_chosen and row.is_listed,
        synced_at=row.synced_at,
        problem=troubles.in_words(row.known_trouble) if row.known_trouble else None,
        renamed_to=row.renamed_to,
    )
