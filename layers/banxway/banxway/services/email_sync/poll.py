"""One poll of one mailbox, over one connection, by whoever holds its lease."""

from collections.abc import Callable, Sequence
from typing import Protocol

from banxway.errors import ProviderRejected
from banxway.log import get_logger
from banxway.models.mail import FolderRole, FolderState
from banxway.providers.base import Mailbox
from banxway.services.email_sync.folder import FolderSync, has_changed
from banxway.services.email_sync.intake import Intake
from banxway.services.email_sync.lease import Lease, Progress
from banxway.services.mail_filing import MailFiling
from banxway.storage import email_folders, mailbox_messages, seen_marks
from banxway.storage.blobs import BlobStore
from banxway.storage.database import Row
from banxway.storage.mailbox_messages import Place

_DEFAULT_ROLES = (FolderRole.INBOX, FolderRole.SENT, FolderRole.JUNK)
_MARKED_AT_ONCE = 500


class SentMailEvidence(Protocol):
    """Settles mails of ours whose outcome is unknown, by what lies in the mailbox's Sent folder."""

    def settle(self, *, account: Row, mailbox: Mailbox) -> int:
        """Return how many proved to be sent."""
        ...


def chosen(account: Row, listed: Sequence[FolderState]) -> list[FolderState]:
    """Return the folders of a mailbox that are synced: those it names, else inbox, Sent and Spam by their use.

    The inbox comes first: it is what people wait for.
    """
    named = account["folders"]
    wanted = [
        folder
        for folder in listed
        if (folder.role in _DEFAULT_ROLES if named is None else folder.name in named)
    ]
    return sorted(wanted, key=lambda folder: (folder.role != FolderRole.INBOX, folder.name))


class Poll:
    """One poll: leftovers, marks for the server, each folder that changed, what became of sent mail."""

    def __init__(
        self,
        lease: Lease,
        mailbox: Mailbox,
        progress: Progress,
        *,
        blobs: Callable[[], BlobStore],
        filing: MailFiling,
        evidence: SentMailEvidence,
    ) -> None:
        self._lease = lease
        self._mailbox = mailbox
        self._progress = progress
        self._intake = Intake(lease, progress, blobs=blobs, filing=filing)
        self._evidence = evidence

    def run(self, *, is_thorough: bool = False) -> None:
        """Bring every synced folder up to date, as far as the time allows; `is_thorough` compares every UID."""
        self._intake.file_leftovers()
        self._mark_seen()
        listed = self._mailbox.folders()
        known = self._known_folders(listed)
        for folder in chosen(self._lease.account, listed):
            if self._progress.is_over():
                return
            row = known[folder.name]
            if has_changed(row, folder, is_thorough=is_thorough):
                self._sync(row, is_thorough=is_thorough)
        self._settle()

    def _sync(self, row: Row, *, is_thorough: bool) -> None:
        sync = FolderSync(
            self._lease, self._mailbox, self._intake, self._progress, known=row, is_thorough=is_thorough
        )
        try:
            sync.run()
        except ProviderRejected as error:
            # Renamed or removed since it was listed: the next list says so. The inbox is never gone.
            if row["role"] == FolderRole.INBOX:
                raise
            get_logger().warning(
                "a folder cannot be read", account_id=str(self._lease.account_id), error=error.message
            )

    def _known_folders(self, listed: Sequence[FolderState]) -> dict[str, Row]:
        """Return the rows of the listed folders by name, noting those that are new, gone, or another use."""
        rows = self._folder_rows()
        said = {folder.name: folder.role.value for folder in listed}
        if said != {name: row["role"] for name, row in rows.items() if row["is_listed"]}:
            with self._lease.writing() as transaction:
                email_folders.note_listed(
                    transaction,
                    organization_id=self._lease.organization_id,
                    account_id=self._lease.account_id,
                    folders=listed,
                )
                gone = [name for name, row in rows.items() if row["is_listed"] and name not in said]
                mailbox_messages.hide_folders(transaction, account_id=self._lease.account_id, folders=gone)
            rows = self._folder_rows()
        return rows

    def _folder_rows(self) -> dict[str, Row]:
        with self._lease.scope() as transaction:
            return {row["name"]: row for row in email_folders.list_of(transaction, self._lease.account_id)}

    def _mark_seen(self) -> None:
        """Tell the server of what was read in the console, where the mailbox says so."""
        with self._lease.scope() as transaction:
            wanted = seen_marks.list_wanted(transaction, self._lease.account_id, limit=_MARKED_AT_ONCE)
        by_place: dict[Place, list[int]] = {}
        for row in wanted:
            place = Place(
                self._lease.organization_id, self._lease.account_id, row["folder"], row["uid_validity"]
            )
            by_place.setdefault(place, []).append(row["uid"])
        for place, uids in by_place.items():
            is_told = self._lease.account["marks_seen"] and self._tell_seen(place, uids)
            with self._lease.writing() as transaction:
                seen_marks.note_told(transaction, place, uids, is_seen=is_told)

    def _tell_seen(self, place: Place, uids: Sequence[int]) -> bool:
        """Set the flag; False where the folder's numbers mean other mails by now, or it is gone."""
        try:
            if self._mailbox.open(place.folder).uid_validity != place.uid_validity:
                return False
            self._mailbox.mark_seen(place.folder, uids)
        except ProviderRejected:
            return False
        return True

    def _settle(self) -> None:
        try:
            settled = self._evidence.settle(account=self._lease.account, mailbox=self._mailbox)
        except ProviderRejected as error:
            get_logger().warning(
                "the Sent folder cannot be searched",
                account_id=str(self._lease.account_id),
                error=error.message,
            )
            return
        self._progress.has_news = self._progress.has_news or bool(settled)
