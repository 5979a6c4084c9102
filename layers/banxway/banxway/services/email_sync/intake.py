"""Takes batches of mail in: fetches them and stores their bytes, records their rows, files them, in this order.

The raw bytes are durable before the rows that name them, and the rows before anything is parsed. So an interrupted
batch is either not recorded, and fetched again, or recorded, and filed by the next poll.
"""

from collections.abc import Sequence
from contextlib import closing

from banxway.log import get_logger
from banxway.models.mail import FetchedMail, MailSize
from banxway.providers.base import MailFetcher
from banxway.services.email_sync import renumbering
from banxway.services.email_sync.canaries import is_proof, record_found
from banxway.services.email_sync.fetching import BATCH_MESSAGES, FetchedBatch, Fetching, UnfetchedMail
from banxway.services.email_sync.filing.filer import MailFiling
from banxway.services.email_sync.lease import Lease, Progress
from banxway.services.email_sync.poll_services import PollServices
from banxway.storage.email_sync import canaries as mailbox_canaries
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages
from banxway.storage.email_sync.folders import FolderRow
from banxway.storage.email_sync.mailbox_messages import FolderKey, TakenMail, UnfiledMail
from banxway.storage.rows import columns_of


def file_leftovers(lease: Lease, progress: Progress, filing: MailFiling) -> None:
    """File the mails that an interrupted poll stored, until the time is up."""
    tried: set[tuple[str, int, int]] = set()
    while not progress.is_over():
        with lease.scope() as transaction:
            rows = mailbox_messages.list_unfiled(
                transaction, account_id=lease.account_id, limit=BATCH_MESSAGES
            )
        keys = {(row.folder, row.uid_validity, row.uid) for row in rows}
        if not keys - tried:
            if keys:
                get_logger().error("stored mail is not filed", account_id=str(lease.account_id))
            return
        tried |= keys
        _file(lease, progress, filing, rows)


class Intake:
    """Takes in the mails of one open folder, and knows which of them did not come.

    `canaries` are the tokens by UID of our test mails in the folder; they are not taken in.
    """

    def __init__(
        self,
        lease: Lease,
        mailbox: MailFetcher,
        progress: Progress,
        services: PollServices,
        *,
        folder_key: FolderKey,
        known: FolderRow,
    ) -> None:
        """`known` is the folder's row as it was when the folder was opened."""
        self._lease = lease
        self._mailbox = mailbox
        self._progress = progress
        self._services = services
        self._folder_key = folder_key
        self._known = known
        self._missing: set[int] = set()
        self.canaries: dict[int, str] = {}

    def take(self, mails: Sequence[MailSize]) -> bool:
        """Take in mails of the folder, in ascending order; return False if the time was up before the last.

        Raises the ProviderError that broke off a batch, after the mails before it were stored.
        """
        if not mails:
            return True
        with self._lease.scope() as transaction:
            tokens = mailbox_canaries.tokens(transaction, self._folder_key.account_id)
        fetching = Fetching(
            self._mailbox, self._folder_key, self._known, blobs=self._services.blobs, canaries=tokens
        )
        left = len(mails)
        with closing(fetching.batches(mails, is_over=self._progress.is_over)) as batches:
            for batch in batches:
                left -= len(batch.asked)
                self._store(batch)
                self._missing.difference_update(mail.uid for mail in batch.mails)
                missing = batch.missing()
                if batch.failure is not None:
                    self._missing.update(missing[:1])
                    self.record_missing()
                    raise batch.failure
                self._missing.update(missing)
                del batch, missing
        return not left

    def record_missing(self) -> bool:
        """Record the UID of one mail of the folder that did not come; return False if all came.

        A UID that is recorded already keeps counting, so that two stuck mails do not reset each other's counter. A
        mail that merely vanished is forgotten by the next poll.
        """
        if not self._missing:
            return False
        folder_key, known = self._folder_key, self._known
        stuck = known.stuck_uid if known.stuck_uid in self._missing else min(self._missing)
        with self._lease.writing() as transaction:
            email_folders.record_stuck(
                transaction, account_id=folder_key.account_id, folder=folder_key.folder, uid=stuck
            )
        return True

    def _store(self, batch: FetchedBatch) -> None:
        if not batch.up_to:
            return
        folder_key, known = self._folder_key, self._known
        keys = iter(batch.keys)
        taken = [
            _taken(mail, next(keys) if mail.raw is not None else None, batch.short.get(mail.uid))
            for mail in batch.mails
        ]
        with self._lease.writing() as transaction:
            new = mailbox_messages.add_all(
                transaction, folder_key, renumbering.without_found(transaction, folder_key, taken)
            )
            email_folders.advance(
                transaction, account_id=folder_key.account_id, folder=folder_key.folder, last_uid=batch.up_to
            )
            if batch.canaries and is_proof(known.role):
                record_found(transaction, self._lease.account, list(batch.canaries.values()))
        self.canaries.update(batch.canaries)
        raws = {mail.uid: mail.raw for mail in batch.mails if isinstance(mail, FetchedMail)}
        rows = [UnfiledMail(**columns_of(row), role=known.role, raw=raws.get(row.uid)) for row in new]
        _file(self._lease, self._progress, self._services.filing, rows)


def _file(lease: Lease, progress: Progress, filing: MailFiling, rows: Sequence[UnfiledMail]) -> None:
    if not rows:
        return
    filed = filing.file_batch(account=lease.account, stored=rows)
    progress.add(
        messages=filed.new_messages,
        threads=filed.new_threads,
        queued=filed.queued,
        has_changes=filed.has_changes,
    )


def _taken(mail: FetchedMail | UnfetchedMail, key: str | None, announced: int | None) -> TakenMail:
    is_whole = isinstance(mail, FetchedMail)
    return TakenMail(
        uid=mail.uid,
        size_bytes=len(mail.raw) if isinstance(mail, FetchedMail) else mail.size_bytes,
        raw_blob=key if is_whole else None,
        header_blob=None if is_whole else key,
        internal_date=mail.internal_date if isinstance(mail, FetchedMail) else None,
        flags=mail.flags if isinstance(mail, FetchedMail) else (),
        announced_bytes=announced,
    )
