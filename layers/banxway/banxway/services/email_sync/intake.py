"""A batch of mail on its way in: fetched, stored, noted, filed, in this order.

The raw bytes are durable before the rows that name them, and the rows before anything is parsed. So a batch
that is interrupted is either not noted, and fetched again, or noted, and filed by the next poll.
"""

from collections.abc import Callable, Iterator, Sequence

from banxway.errors import ProviderError
from banxway.log import get_logger
from banxway.models.mail import LARGEST_MAIL, FetchedMail, MailSize
from banxway.providers.base import Mailbox
from banxway.services.email_sync import renumbering
from banxway.services.email_sync.lease import Lease, Progress
from banxway.services.mail_filing import MailFiling
from banxway.storage import email_folders, mailbox_messages
from banxway.storage.blobs import BlobStore
from banxway.storage.database import Row
from banxway.storage.mailbox_messages import Place, TakenMail

BATCH_BYTES = 8_000_000
BATCH_MESSAGES = 200
_STUCK_POLLS = 3
"""A mail that has broken the connection of so many polls in a row is noted without its bytes."""


class Intake:
    """Takes mail of one mailbox in."""

    def __init__(
        self, lease: Lease, progress: Progress, *, blobs: Callable[[], BlobStore], filing: MailFiling
    ) -> None:
        self._lease = lease
        self._progress = progress
        self._blobs = blobs
        self._filing = filing
        self.is_stuck = False
        """Whether a mail of the folder at hand could not be fetched and is noted as such."""

    def file_leftovers(self) -> None:
        """File what an interrupted poll has stored, until the time is up."""
        tried: set[tuple[str, int, int]] = set()
        while not self._progress.is_over():
            with self._lease.scope() as transaction:
                rows = mailbox_messages.list_unfiled(
                    transaction, account_id=self._lease.account_id, limit=BATCH_MESSAGES
                )
            keys = {(row["folder"], row["uid_validity"], row["uid"]) for row in rows}
            if not keys - tried:
                if keys:
                    get_logger().error("stored mail is not filed", account_id=str(self._lease.account_id))
                return
            tried |= keys
            self._file(rows)

    def take(self, mailbox: Mailbox, place: Place, known: Row, mails: Sequence[MailSize]) -> bool:
        """Take mails of the open folder in, ascending; False if the time was up before the last.

        `known` is the folder's row as it was when the folder was opened.
        """
        stuck = known["stuck_uid"] if known["stuck_polls"] >= _STUCK_POLLS else None
        for batch in _batches(mails, alone=stuck):
            if self._progress.is_over():
                return False
            first = batch[0]
            if first.size_bytes > LARGEST_MAIL or first.uid == stuck:
                header = self._header_of(mailbox, place, known, first.uid)
                self._store(place, known, [_Unfetched(first, header)], up_to=first.uid)
            else:
                self._take_batch(mailbox, place, known, batch)
        return True

    def _take_batch(self, mailbox: Mailbox, place: Place, known: Row, batch: Sequence[MailSize]) -> None:
        fetched: list[FetchedMail] = []
        try:
            fetched.extend(mailbox.fetch([entry.uid for entry in batch]))
        except ProviderError:
            # What arrived before the connection broke is kept; the next one may be what broke it.
            came = fetched[-1].uid if fetched else 0
            if fetched:
                self._store(place, known, fetched, up_to=came)
            self._note_stuck(place, [entry.uid for entry in batch if entry.uid > came])
            raise
        self._store(place, known, fetched, up_to=batch[-1].uid)
        came_whole = {mail.uid for mail in fetched}
        self._note_stuck(place, [entry.uid for entry in batch if entry.uid not in came_whole])

    def _header_of(self, mailbox: Mailbox, place: Place, known: Row, uid: int) -> bytes | None:
        """Return a mail's header alone; None where that has broken the connection, too."""
        if known["stuck_uid"] == uid and known["stuck_polls"] > _STUCK_POLLS:
            return None
        try:
            return mailbox.fetch_headers(uid)
        except ProviderError:
            self._note_stuck(place, [uid])
            raise

    def _note_stuck(self, place: Place, uids: Sequence[int]) -> None:
        """Note the first of the mails that did not come; one that merely vanished is forgotten soon."""
        if not uids:
            return
        self.is_stuck = True
        with self._lease.writing() as transaction:
            email_folders.note_stuck(
                transaction, account_id=place.account_id, folder=place.folder, uid=uids[0]
            )

    def _store(
        self, place: Place, known: Row, mails: "Sequence[FetchedMail | _Unfetched]", *, up_to: int
    ) -> None:
        contents = [mail.raw for mail in mails if mail.raw is not None]
        keys = iter(self._blobs().put_many(place.organization_id, contents) if contents else [])
        taken = [_taken(mail, next(keys) if mail.raw is not None else None) for mail in mails]
        with self._lease.writing() as transaction:
            new = mailbox_messages.add_all(
                transaction, place, renumbering.without_found(transaction, place, taken)
            )
            email_folders.advance(
                transaction, account_id=place.account_id, folder=place.folder, last_uid=up_to
            )
        raws = {mail.uid: mail.raw for mail in mails if isinstance(mail, FetchedMail)}
        self._file([{**row, "role": known["role"], "raw": raws.get(row["uid"])} for row in new])

    def _file(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        filed = self._filing.file_batch(account=self._lease.account, stored=rows)
        self._progress.add(
            messages=filed.new_messages,
            threads=filed.new_threads,
            queued=filed.queued,
            has_news=filed.has_news,
        )


class _Unfetched:
    """A mail whose bytes are left on the server; `raw` is its header alone, where that could be read."""

    def __init__(self, entry: MailSize, header: bytes | None) -> None:
        self.uid = entry.uid
        self.size_bytes = entry.size_bytes
        self.raw = header


def _taken(mail: FetchedMail | _Unfetched, key: str | None) -> TakenMail:
    is_whole = isinstance(mail, FetchedMail)
    return TakenMail(
        uid=mail.uid,
        size_bytes=len(mail.raw) if isinstance(mail, FetchedMail) else mail.size_bytes,
        raw_blob=key if is_whole else None,
        header_blob=None if is_whole else key,
        internal_date=mail.internal_date if isinstance(mail, FetchedMail) else None,
        flags=mail.flags if isinstance(mail, FetchedMail) else (),
    )


def _batches(mails: Sequence[MailSize], *, alone: int | None = None) -> Iterator[list[MailSize]]:
    """Cut a list of mails into batches bounded by bytes and count; a larger mail is a batch alone."""
    batch: list[MailSize] = []
    total = 0
    for entry in mails:
        is_full = total + entry.size_bytes > BATCH_BYTES or len(batch) >= BATCH_MESSAGES
        if batch and (is_full or alone in (entry.uid, batch[-1].uid)):
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += entry.size_bytes
    if batch:
        yield batch
