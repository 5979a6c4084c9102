"""One poll of one mailbox, over one connection, by whoever holds its lease."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from banxway.errors import ProviderRejected
from banxway.log import get_logger
from banxway.models.mail import FolderRole, FolderState
from banxway.providers.base import Mailbox
from banxway.services.email_sync.canaries import Canaries, message_id_of
from banxway.services.email_sync.filing.filer import MailFiling
from banxway.services.email_sync.folder import FolderSync, has_changed
from banxway.services.email_sync.intake import Intake
from banxway.services.email_sync.lease import Lease, Progress
from banxway.services.email_sync.troubles import as_first_said, attention, chosen, look_for
from banxway.storage.blobs.store import BlobStore
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages
from banxway.storage.email_sync import read_state as seen_marks
from banxway.storage.email_sync.folders import FolderRow, Trouble
from banxway.storage.email_sync.mailbox_messages import FolderKey

_MARKED_AT_ONCE = 500


class SentMailEvidence(Protocol):
    """Settles mails of ours whose outcome is unknown, by what lies in the mailbox's Sent folder."""

    def settle(self, *, account: AccountRow, mailbox: Mailbox) -> int:
        """Return how many proved to be sent."""
        ...


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
        canaries: Canaries,
    ) -> None:
        self._lease = lease
        self._mailbox = mailbox
        self._progress = progress
        self._intake = Intake(lease, progress, blobs=blobs, filing=filing)
        self._evidence = evidence
        self._canaries = canaries
        self._canary_tokens: set[str] = set()

    def run(self, *, is_thorough: bool = False) -> None:
        """Bring every synced folder up to date, as far as the time allows; `is_thorough` compares every UID.

        A folder that is gone or refused keeps none of the others waiting. Raises ProviderRejected at the end if it
        is the inbox.
        """
        self._intake.file_leftovers()
        self._mark_seen()
        rows = self._folder_rows()
        listed = self._mailbox.folders()
        found, troubles = look_for(self._mailbox, self._lease.account, rows, listed)
        listed += found
        known = self._known_folders(rows, listed)
        refusal = None
        for folder in chosen(self._lease.account, listed):
            row = known[folder.name]
            if self._progress.is_over():
                # Not looked at now: what was wrong with it still is.
                troubles += [replace(row.known_trouble, renamed_to=None)] if row.known_trouble else []
            elif row.trouble or has_changed(row, folder, is_thorough=is_thorough):
                error = self._sync(row, is_thorough=is_thorough)
                troubles += [Trouble(row.name, "refused", error.message, error.reason)] if error else []
                refusal = error if row.role == FolderRole.INBOX else refusal
        self._note(troubles, known)
        self._remove_sent_canaries(listed)
        if refusal is not None:
            raise refusal
        if not self._progress.is_over():
            self._settle()

    def _sync(self, row: FolderRow, *, is_thorough: bool) -> ProviderRejected | None:
        """Bring one folder up to date; returns how the server refused it, if it did."""
        sync = FolderSync(
            self._lease, self._mailbox, self._intake, self._progress, known=row, is_thorough=is_thorough
        )
        try:
            sync.run()
        except ProviderRejected as error:
            get_logger().warning(
                "a folder cannot be read", account_id=str(self._lease.account_id), error=error.message
            )
            return error
        if self._intake.canaries:
            self._canary_tokens |= set(self._intake.canaries.values())
            self._canaries.remove(
                self._mailbox, self._lease, folder=row.name, uids=list(self._intake.canaries)
            )
        return None

    def _remove_sent_canaries(self, listed: Sequence[FolderState]) -> None:
        """Remove the copies of test mails that came back from a Sent folder that is not synced."""
        synced = chosen(self._lease.account, listed)
        for folder in listed:
            if folder.role == FolderRole.SENT and folder not in synced:
                for token in self._canary_tokens:
                    message_id = message_id_of(self._lease.account.email, token).strip("<>")
                    uids = self._mailbox.find(folder.name, message_id=message_id)
                    self._canaries.remove(self._mailbox, self._lease, folder=folder.name, uids=uids)

    def _note(self, troubles: Sequence[Trouble], rows: dict[str, FolderRow]) -> None:
        """Note what is wrong with folders, where that has changed, and what an admin should see to."""
        troubles = [as_first_said(each, rows.get(each.folder)) for each in troubles]
        was = {
            (row.name, row.trouble, row.trouble_said, row.renamed_to) for row in rows.values() if row.trouble
        }
        if was != {(each.folder, each.kind, each.said, each.renamed_to) for each in troubles}:
            with self._lease.writing() as transaction:
                email_folders.record_troubles(
                    transaction,
                    organization_id=self._lease.organization_id,
                    account_id=self._lease.account_id,
                    troubles=troubles,
                )
            rows = self._folder_rows()
        self._progress.attention = attention(self._lease.account.email, list(rows.values()))

    def _known_folders(
        self, rows: dict[str, FolderRow], listed: Sequence[FolderState]
    ) -> dict[str, FolderRow]:
        """Return the folders' rows by name, noting those that are new, gone, or another use."""
        said = {folder.name: folder.role.value for folder in listed}
        if said != {name: row.role for name, row in rows.items() if row.is_listed}:
            with self._lease.writing() as transaction:
                email_folders.record_listed(
                    transaction,
                    organization_id=self._lease.organization_id,
                    account_id=self._lease.account_id,
                    folders=listed,
                )
                gone = [name for name, row in rows.items() if row.is_listed and name not in said]
                mailbox_messages.hide_folders(transaction, account_id=self._lease.account_id, folders=gone)
            rows = self._folder_rows()
        return rows

    def _folder_rows(self) -> dict[str, FolderRow]:
        with self._lease.scope() as transaction:
            return {row.name: row for row in email_folders.list_of(transaction, self._lease.account_id)}

    def _mark_seen(self) -> None:
        """Tell the server of what was read in the console, where the mailbox says so."""
        with self._lease.scope() as transaction:
            wanted = seen_marks.list_wanted(transaction, self._lease.account_id, limit=_MARKED_AT_ONCE)
        by_place: dict[FolderKey, list[int]] = {}
        for row in wanted:
            place = FolderKey(
                self._lease.organization_id, self._lease.account_id, row.folder, row.uid_validity
            )
            by_place.setdefault(place, []).append(row.uid)
        for place, uids in by_place.items():
            is_told = self._lease.account.marks_seen and self._tell_seen(place, uids)
            with self._lease.writing() as transaction:
                seen_marks.clear_wanted(transaction, place, uids, is_seen=is_told)

    def _tell_seen(self, place: FolderKey, uids: Sequence[int]) -> bool:
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
