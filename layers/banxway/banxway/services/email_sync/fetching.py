"""Fetches mail in batches and stores the bytes, prefetching one batch while the previous one is filed."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from banxway.errors import ProviderError
from banxway.models.mail import LARGEST_MAIL, FetchedMail, MailSize
from banxway.providers.base import MailFetcher
from banxway.services.email_sync.canaries import token_of
from banxway.storage.blobs.store import BlobStore
from banxway.storage.email_sync.folders import FolderRow
from banxway.storage.email_sync.mailbox_messages import FolderKey

BATCH_BYTES = 8_000_000
BATCH_MESSAGES = 200
STUCK_POLLS = 3
"""A mail that broke the connection in this many polls in a row is stored without its bytes."""


@dataclass(frozen=True, slots=True)
class UnfetchedMail:
    """A mail whose bytes stay on the server; `raw` is its header alone, or None if that could not be read.

    `is_empty` means that the server returns no bytes for it at all.
    """

    uid: int
    size_bytes: int
    raw: bytes | None
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """The result of fetching the mails `asked` for, in ascending order.

    `keys` name the stored bytes of the mails that have any, in order. `failure` is the error that broke the
    connection; the mails before it are whole. `short` are the announced sizes, by UID, of mails that came with
    fewer bytes twice. `canaries` are the tokens of our test mails by UID; these are not among `mails`.
    """

    asked: Sequence[MailSize]
    mails: Sequence[FetchedMail | UnfetchedMail]
    keys: Sequence[str]
    failure: ProviderError | None = None
    short: Mapping[int, int] = field(default_factory=dict)
    canaries: Mapping[int, str] = field(default_factory=dict)

    @property
    def up_to(self) -> int:
        """The last UID that needs no more fetching; 0 for none."""
        if self.failure is None:
            return self.asked[-1].uid
        return self.mails[-1].uid if self.mails else 0

    def missing(self) -> list[int]:
        """Return the UIDs from the failure on; without a failure, those of mails that merely vanished."""
        if self.failure is not None:
            return [entry.uid for entry in self.asked if entry.uid > self.up_to]
        came = {mail.uid for mail in self.mails} | self.canaries.keys()
        return [entry.uid for entry in self.asked if entry.uid not in came]


class Fetching:
    """Fetches mails of the open folder of one mailbox, which no other code may use meanwhile."""

    def __init__(
        self,
        mailbox: MailFetcher,
        folder_key: FolderKey,
        known: FolderRow,
        *,
        blobs: Callable[[], BlobStore],
        canaries: frozenset[str] = frozenset(),
    ) -> None:
        """`known` is the folder's row as it was when the folder was opened; `canaries` are tokens of test mails."""
        self._mailbox = mailbox
        self._folder_key = folder_key
        self._known = known
        self._blobs = blobs
        self._canaries = canaries
        self._is_abandoned = False
        self._stuck = known.stuck_uid if known.stuck_polls >= STUCK_POLLS else None

    def batches(self, mails: Sequence[MailSize], *, is_over: Callable[[], bool]) -> Generator[FetchedBatch]:
        """Yield the mails in batches, until the time is over; close the generator after a failure.

        A batch is yielded when its bytes are durable. The next one is fetched meanwhile, unless it is a single large
        mail: two of those would need twice the memory. Raises Unavailable if the blob store is unavailable. Closing
        the generator early waits for the mail that is being fetched, not for those after it.
        """
        waiting = deque(_batches(mails, alone=self._stuck))
        next_batch: Future[FetchedBatch] | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="fetching") as fetcher:
            while next_batch or (waiting and not is_over()):
                fetched = (next_batch or fetcher.submit(self._fetch, waiting.popleft())).result()
                next_batch = None
                if not fetched.failure and waiting and not _is_large(waiting[0]) and not is_over():
                    next_batch = fetcher.submit(self._fetch, waiting.popleft())
                try:
                    yield fetched
                except GeneratorExit:
                    self._is_abandoned = True
                    raise
                del fetched  # a large mail must be gone before the next one comes

    def _fetch(self, batch: Sequence[MailSize]) -> FetchedBatch:
        announced = {entry.uid: entry.size_bytes for entry in batch}
        mails: list[FetchedMail | UnfetchedMail] = []
        failure = None
        try:
            mails.extend(self._fetched(batch))
            self._fetch_short_again(mails, announced)
        except ProviderError as error:
            failure = error
            # The next poll asks again for the first mail that came short, and for those after it.
            short = min((mail.uid for mail in mails if is_short(mail, announced)), default=None)
            mails = [mail for mail in mails if short is None or mail.uid < short]
        if self._is_abandoned:
            return FetchedBatch(batch, (), ())
        found = {mail.uid: token for mail in mails if (token := self._canary_in(mail))}
        mails = [mail for mail in mails if mail.uid not in found]
        contents = [mail.raw for mail in mails if mail.raw is not None]
        keys = self._blobs().put_many(self._folder_key.organization_id, contents) if contents else []
        short_sizes = {mail.uid: announced[mail.uid] for mail in mails if is_short(mail, announced)}
        return FetchedBatch(batch, mails, keys, failure, short_sizes, found)

    def _canary_in(self, mail: FetchedMail | UnfetchedMail) -> str | None:
        token = token_of(mail.raw) if self._canaries and isinstance(mail, FetchedMail) else None
        return token if token in self._canaries else None

    def _fetch_short_again(
        self, mails: list[FetchedMail | UnfetchedMail], announced: Mapping[int, int]
    ) -> None:
        """Fetch once more the mails that came with fewer bytes than announced; keep the longer answer."""
        at = {mail.uid: position for position, mail in enumerate(mails) if is_short(mail, announced)}
        if not at or self._is_abandoned:
            return
        for again in self._mailbox.fetch(list(at)):
            known = mails[at[again.uid]]
            if len(again.raw) > len(known.raw or b""):
                mails[at[again.uid]] = again
        for uid, position in at.items():
            if not mails[position].raw:
                header = self._mailbox.fetch_headers(uid)
                mails[position] = UnfetchedMail(uid, announced[uid], header, is_empty=True)

    def _fetched(self, batch: Sequence[MailSize]) -> Iterator[FetchedMail | UnfetchedMail]:
        if batch[0].size_bytes > LARGEST_MAIL or batch[0].uid == self._stuck:
            yield self._without_bytes(batch[0])
            return
        for mail in self._mailbox.fetch([entry.uid for entry in batch]):
            yield mail
            if self._is_abandoned:
                return

    def _without_bytes(self, entry: MailSize) -> UnfetchedMail:
        """Return a mail with its header alone, or without it if fetching the header broke the connection, too."""
        if self._known.stuck_uid == entry.uid and self._known.stuck_polls > STUCK_POLLS:
            return UnfetchedMail(entry.uid, entry.size_bytes, None)
        return UnfetchedMail(entry.uid, entry.size_bytes, self._mailbox.fetch_headers(entry.uid))


def is_short(mail: FetchedMail | UnfetchedMail, announced: Mapping[int, int]) -> bool:
    """Return whether a mail came with fewer bytes than the server announced, or with none at all.

    A mail is whole if a server counts line ends as CRLF and sends them as LF.
    """
    if isinstance(mail, UnfetchedMail):
        return mail.is_empty
    lacking = announced[mail.uid] - len(mail.raw)
    return not mail.raw or (lacking > 0 and lacking > mail.raw.count(b"\n") - mail.raw.count(b"\r\n"))


def _is_large(batch: Sequence[MailSize]) -> bool:
    return sum(entry.size_bytes for entry in batch) > BATCH_BYTES


def _batches(mails: Sequence[MailSize], *, alone: int | None = None) -> Iterator[list[MailSize]]:
    """Yield batches bounded by bytes and count; a larger mail, and the mail `alone`, is a batch of its own."""
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
