"""One poll of one mailbox, over one connection, by the process that has its lease."""

from collections.abc import Sequence
from dataclasses import replace

from banxway.errors import ProviderRejected
from banxway.log import get_logger
from banxway.models.mail import FolderRole, FolderState
from banxway.providers.base import Mailbox
from banxway.services.email_sync.canaries import message_id_of
from banxway.services.email_sync.folder import FolderSync, has_changed
from banxway.services.email_sync.intake import file_leftovers
from banxway.services.email_sync.lease import Lease, Progress
from banxway.services.email_sync.poll_services import PollServices
from banxway.services.email_sync.troubles import attention, open_unlisted, synced_folders, with_recorded_words
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages, read_state
from banxway.storage.email_sync.folders import FolderRow, Trouble
from banxway.storage.email_sync.mailbox_messages import FolderKey

_MARKED_AT_ONCE = 500


class Poll:
    """One poll: leftovers, read marks for the server, each folder that changed, what became of sent mail."""

    def __init__(self, lease: Lease, mailbox: Mailbox, progress: Progress, services: PollServices) -> None:
        self._lease = lease
        self._mailbox = mailbox
        self._progress = progress
        self._services = services
        self._canary_tokens: set[str] = set()

    def run(self, *, is_thorough: bool = False) -> None:
        """Sync every chosen folder, as far as the time allows; `is_thorough` compares every UID.

        A folder that is gone or refused does not stop the others. Raises ProviderRejected at the end if it is the
        inbox.
        """
        file_leftovers(self._lease, self._progress, self._services.filing)
        self._mark_seen()
        rows = self._folder_rows()
        listed = self._mailbox.folders()
        found, troubles = open_unlisted(self._mailbox, self._lease.account, rows, listed)
        listed += found
        known = self._known_folders(rows, listed)
        refusal = None
        for folder in synced_folders(self._lease.account, listed):
            row = known[folder.name]
            if self._progress.is_over():
                # It was not opened now, so what was wrong with it still is.
                troubles += [replace(row.known_trouble, renamed_to=None)] if row.known_trouble else []
            elif row.trouble or has_changed(row, folder, is_thorough=is_thorough):
                error = self._sync(row, is_thorough=is_thorough)
                troubles += [Trouble(row.name, "refused", error.message, error.reason)] if error else []
                refusal = error if row.role == FolderRole.INBOX else refusal
        self._record_troubles(troubles, known)
        self._remove_sent_canaries(listed)
        if refusal is not None:
            raise refusal
        if not self._progress.is_over():
            self._settle()

    def _sync(self, row: FolderRow, *, is_thorough: bool) -> ProviderRejected | None:
        """Sync one folder; return the server's refusal, or None."""
        sync = FolderSync(
            self._lease, self._mailbox, self._progress, self._services, known=row, is_thorough=is_thorough
        )
        try:
            canaries = sync.run()
        except ProviderRejected as error:
            get_logger().warning(
                "a folder cannot be read", account_id=str(self._lease.account_id), error=error.message
            )
            return error
        if canaries:
            self._canary_tokens |= set(canaries.values())
            self._remove_canaries(row.name, list(canaries))
        return None

    def _remove_canaries(self, folder: str, uids: list[int]) -> None:
        self._services.canaries.remove(self._mailbox, self._lease, folder=folder, uids=uids)

    def _remove_sent_canaries(self, listed: Sequence[FolderState]) -> None:
        """Remove the copies of returned test mails from a Sent folder that is not synced."""
        synced = synced_folders(self._lease.account, listed)
        for folder in listed:
            if folder.role == FolderRole.SENT and folder not in synced:
                for token in self._canary_tokens:
                    message_id = message_id_of(self._lease.account.email, token).strip("<>")
                    uids = self._mailbox.find(folder.name, message_id=message_id)
                    self._remove_canaries(folder.name, uids)

    def _record_troubles(self, troubles: Sequence[Trouble], rows: dict[str, FolderRow]) -> None:
        """Record what is wrong with folders, if it changed, and put what needs an admin into the progress."""
        troubles = [with_recorded_words(each, rows.get(each.folder)) for each in troubles]
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
        """Return the folders' rows by name, after recording those that are new, gone, or changed their role."""
        roles = {folder.name: folder.role.value for folder in listed}
        if roles != {name: row.role for name, row in rows.items() if row.is_listed}:
            with self._lease.writing() as transaction:
                email_folders.record_listed(
                    transaction,
                    organization_id=self._lease.organization_id,
                    account_id=self._lease.account_id,
                    folders=listed,
                )
                gone = [name for name, row in rows.items() if row.is_listed and name not in roles]
                mailbox_messages.hide_folders(transaction, account_id=self._lease.account_id, folders=gone)
            rows = self._folder_rows()
        return rows

    def _folder_rows(self) -> dict[str, FolderRow]:
        with self._lease.scope() as transaction:
            return {row.name: row for row in email_folders.list_of(transaction, self._lease.account_id)}

    def _mark_seen(self) -> None:
        """Mark on the server what was read in the console, if the mailbox is set to do so."""
        with self._lease.scope() as transaction:
            wanted = read_state.list_wanted(transaction, self._lease.account_id, limit=_MARKED_AT_ONCE)
        by_folder: dict[FolderKey, list[int]] = {}
        for row in wanted:
            folder_key = FolderKey(
                self._lease.organization_id, self._lease.account_id, row.folder, row.uid_validity
            )
            by_folder.setdefault(folder_key, []).append(row.uid)
        for folder_key, uids in by_folder.items():
            is_marked = self._lease.account.marks_seen and self._mark_on_server(folder_key, uids)
            with self._lease.writing() as transaction:
                read_state.clear_wanted(transaction, folder_key, uids, is_seen=is_marked)

    def _mark_on_server(self, folder_key: FolderKey, uids: Sequence[int]) -> bool:
        """Set the Seen flag; return False if the folder's UIDs mean other mails by now, or the server refuses."""
        try:
            if self._mailbox.open(folder_key.folder).uid_validity != folder_key.uid_validity:
                return False
            self._mailbox.mark_seen(folder_key.folder, uids)
        except ProviderRejected:
            return False
        return True

    def _settle(self) -> None:
        try:
            settled = self._services.evidence.settle(account=self._lease.account, mailbox=self._mailbox)
        except ProviderRejected as error:
            get_logger().warning(
                "the Sent folder cannot be searched",
                account_id=str(self._lease.account_id),
                error=error.message,
            )
            return
        self._progress.has_changes = self._progress.has_changes or bool(settled)
