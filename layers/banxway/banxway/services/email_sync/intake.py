"""A batch of mail on its way in: fetched and made durable, noted, filed, in this order.

The raw bytes are durable before the rows that name them, and the rows before anything is parsed. So a batch
that is interrupted is either not noted, and fetched again, or noted, and filed by the next poll.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict

from banxway.log import get_logger
from banxway.models.mail import FetchedMail, MailSize
from banxway.providers.base import Mailbox
from banxway.services.email_sync import renumbering
from banxway.services.email_sync.canaries import is_proof, note_found
from banxway.services.email_sync.fetching import BATCH_MESSAGES, FetchedBatch, Fetching, UnfetchedMail
from banxway.services.email_sync.filing.filer import MailFiling
from banxway.services.email_sync.lease import Lease, Progress
from banxway.storage.blobs.store import BlobStore
from banxway.storage.email_sync import canaries as mailbox_canaries
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages
from banxway.storage.email_sync.folders import FolderRow
from banxway.storage.email_sync.mailbox_messages import FolderKey, TakenMail, UnfiledMail


class Intake:
    """Takes mail of one mailbox in. `canaries` are the test mails of ours in the folder, which are not taken in."""

    def __init__(
        self, lease: Lease, progress: Progress, *, blobs: Callable[[], BlobStore], filing: MailFiling
    ) -> None:
        self._lease = lease
        self._progress = progress
        self._blobs = blobs
        self._filing = filing
        self._missed: set[int] = set()
        self.canaries: dict[int, str] = {}

    def file_leftovers(self) -> None:
        """File what an interrupted poll has stored, until the time is up."""
        tried: set[tuple[str, int, int]] = set()
        while not self._progress.is_over():
            with self._lease.scope() as transaction:
                rows = mailbox_messages.list_unfiled(
                    transaction, account_id=self._lease.account_id, limit=BATCH_MESSAGES
                )
            keys = {(row.folder, row.uid_validity, row.uid) for row in rows}
            if not keys - tried:
                if keys:
                    get_logger().error("stored mail is not filed", account_id=str(self._lease.account_id))
                return
            tried |= keys
            self._file(rows)

    def take(self, mailbox: Mailbox, place: FolderKey, known: FolderRow, mails: Sequence[MailSize]) -> bool:
        """Take mails of the open folder in, ascending; False if the time was up before the last.

        `known` is the folder's row as it was when the folder was opened.
        """
        if not mails:
            return True
        with self._lease.scope() as transaction:
            tokens = mailbox_canaries.tokens(transaction, place.account_id)
        fetching = Fetching(mailbox, place, known, blobs=self._blobs, canaries=tokens)
        left = len(mails)
        with closing(fetching.ahead(mails, is_over=self._progress.is_over)) as batches:
            for batch in batches:
                left -= len(batch.asked)
                self._store(place, known, batch)
                self._missed.difference_update(mail.uid for mail in batch.mails)
                missing = batch.missing()
                if batch.failure is not None:
                    self._missed.update(missing[:1])
                    self.note_missed(place, known)
                    raise batch.failure
                self._missed.update(missing)
                del batch, missing
        return not left

    def begin_folder(self) -> None:
        """Forget what did not come from the folder before."""
        self._missed.clear()
        self.canaries = {}

    def note_missed(self, place: FolderKey, known: FolderRow) -> bool:
        """Note one of the mails of the folder that did not come; False if all came.

        The one that was noted before counts on, so that two of them do not make each other begin anew. A mail
        that merely vanished is forgotten by the next poll.
        """
        if not self._missed:
            return False
        stuck = known.stuck_uid if known.stuck_uid in self._missed else min(self._missed)
        with self._lease.writing() as transaction:
            email_folders.record_stuck(
                transaction, account_id=place.account_id, folder=place.folder, uid=stuck
            )
        return True

    def _store(self, place: FolderKey, known: FolderRow, batch: FetchedBatch) -> None:
        if not batch.up_to:
            return
        keys = iter(batch.keys)
        taken = [
            _taken(mail, next(keys) if mail.raw is not None else None, batch.short.get(mail.uid))
            for mail in batch.mails
        ]
        with self._lease.writing() as transaction:
            new = mailbox_messages.add_all(
                transaction, place, renumbering.without_found(transaction, place, taken)
            )
            email_folders.advance(
                transaction, account_id=place.account_id, folder=place.folder, last_uid=batch.up_to
            )
            if batch.canaries and is_proof(known.role):
                note_found(transaction, self._lease.account, list(batch.canaries.values()))
        self.canaries.update(batch.canaries)
        raws = {mail.uid: mail.raw for mail in batch.mails if isinstance(mail, FetchedMail)}
        self._file([UnfiledMail(**asdict(row), role=known.role, raw=raws.get(row.uid)) for row in new])

    def _file(self, rows: Sequence[UnfiledMail]) -> None:
        if not rows:
            return
        filed = self._filing.file_batch(account=self._lease.account, stored=rows)
        self._progress.add(
            messages=filed.new_messages,
            threads=filed.new_threads,
            queued=filed.queued,
            has_news=filed.has_news,
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
