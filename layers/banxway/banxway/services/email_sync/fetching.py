"""Batches of mail fetched and made durable, the next one while whoever takes them in is busy with one."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from banxway.errors import ProviderError
from banxway.models.mail import LARGEST_MAIL, FetchedMail, MailSize
from banxway.providers.base import Mailbox
from banxway.services.email_sync.canaries import token_of
from banxway.storage.blobs.store import BlobStore
from banxway.storage.email_sync.folders import FolderRow
from banxway.storage.email_sync.mailbox_messages import FolderKey

BATCH_BYTES = 8_000_000
BATCH_MESSAGES = 200
STUCK_POLLS = 3
"""A mail that has broken the connection of so many polls in a row is noted without its bytes."""


@dataclass(frozen=True, slots=True)
class UnfetchedMail:
    """A mail whose bytes are left on the server; `raw` is its header alone, where that could be read.

    `is_empty` means that the server gives no bytes for it at all.
    """

    uid: int
    size_bytes: int
    raw: bytes | None
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """What came of the mails that were asked for, in ascending order.

    `keys` name the stored bytes of the mails that have any, in order. `failure` is what broke the connection;
    what came before it is whole. `short` are the announced sizes of those that came with fewer bytes, twice.
    `canaries` are the tokens of test mails of ours by their UIDs; they are among neither.
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
        """Return the UIDs that wait behind the failure; without one, those of mails that merely vanished."""
        if self.failure is not None:
            return [entry.uid for entry in self.asked if entry.uid > self.up_to]
        came = {mail.uid for mail in self.mails} | self.canaries.keys()
        return [entry.uid for entry in self.asked if entry.uid not in came]


class Fetching:
    """Fetches mails of the open folder of one mailbox, which nobody else may use meanwhile."""

    def __init__(
        self,
        mailbox: Mailbox,
        place: FolderKey,
        known: FolderRow,
        *,
        blobs: Callable[[], BlobStore],
        canaries: frozenset[str] = frozenset(),
    ) -> None:
        """`known` is the folder's row as it was when the folder was opened; `canaries` are tokens of test mails."""
        self._mailbox = mailbox
        self._place = place
        self._known = known
        self._blobs = blobs
        self._canaries = canaries
        self._is_abandoned = False
        self._stuck = known.stuck_uid if known.stuck_polls >= STUCK_POLLS else None

    def ahead(self, mails: Sequence[MailSize], *, is_over: Callable[[], bool]) -> Generator[FetchedBatch]:
        """Yield the mails in batches; ends before the next one when the time is over. Close it behind a failure.

        A batch is yielded when its bytes are durable. Another is fetched meanwhile, unless it is a mail that
        is a batch alone: two of those would need twice the memory. Raises Unavailable if the blobs are. Whoever
        closes it early waits for the mail that is just coming, not for those behind it.
        """
        waiting = deque(_batches(mails, alone=self._stuck))
        coming: Future[FetchedBatch] | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="fetching") as fetcher:
            while coming or (waiting and not is_over()):
                fetched = (coming or fetcher.submit(self._fetch, waiting.popleft())).result()
                coming = None
                if not fetched.failure and waiting and not _is_large(waiting[0]) and not is_over():
                    coming = fetcher.submit(self._fetch, waiting.popleft())
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
            mails.extend(self._coming(batch))
            self._complete(mails, announced)
        except ProviderError as error:
            failure = error
            # What came short is asked for again by the next poll, and so is what lies behind it.
            short = min((mail.uid for mail in mails if is_short(mail, announced)), default=None)
            mails = [mail for mail in mails if short is None or mail.uid < short]
        if self._is_abandoned:
            return FetchedBatch(batch, (), ())
        found = {mail.uid: token for mail in mails if (token := self._canary_in(mail))}
        mails = [mail for mail in mails if mail.uid not in found]
        contents = [mail.raw for mail in mails if mail.raw is not None]
        keys = self._blobs().put_many(self._place.organization_id, contents) if contents else []
        short_sizes = {mail.uid: announced[mail.uid] for mail in mails if is_short(mail, announced)}
        return FetchedBatch(batch, mails, keys, failure, short_sizes, found)

    def _canary_in(self, mail: FetchedMail | UnfetchedMail) -> str | None:
        token = token_of(mail.raw) if self._canaries and isinstance(mail, FetchedMail) else None
        return token if token in self._canaries else None

    def _complete(self, mails: list[FetchedMail | UnfetchedMail], announced: Mapping[int, int]) -> None:
        """Ask once more for what came with fewer bytes than announced; the longer answer stays."""
        at = {mail.uid: place for place, mail in enumerate(mails) if is_short(mail, announced)}
        if not at or self._is_abandoned:
            return
        for again in self._mailbox.fetch(list(at)):
            known = mails[at[again.uid]]
            if len(again.raw) > len(known.raw or b""):
                mails[at[again.uid]] = again
        for uid, place in at.items():
            if not mails[place].raw:
                header = self._mailbox.fetch_headers(uid)
                mails[place] = UnfetchedMail(uid, announced[uid], header, is_empty=True)

    def _coming(self, batch: Sequence[MailSize]) -> Iterator[FetchedMail | UnfetchedMail]:
        if batch[0].size_bytes > LARGEST_MAIL or batch[0].uid == self._stuck:
            yield self._without_bytes(batch[0])
            return
        for mail in self._mailbox.fetch([entry.uid for entry in batch]):
            yield mail
            if self._is_abandoned:
                return

    def _without_bytes(self, entry: MailSize) -> UnfetchedMail:
        """Return a mail with its header alone; with nothing where that has broken the connection, too."""
        if self._known.stuck_uid == entry.uid and self._known.stuck_polls > STUCK_POLLS:
            return UnfetchedMail(entry.uid, entry.size_bytes, None)
        return UnfetchedMail(entry.uid, entry.size_bytes, self._mailbox.fetch_headers(entry.uid))


def is_short(mail: FetchedMail | UnfetchedMail, announced: Mapping[int, int]) -> bool:
    """Return whether a mail came with fewer bytes than the server announced, or with none at all.

    A server that counts line ends as CRLF and sends them as LF sends all there is.
    """
    if isinstance(mail, UnfetchedMail):
        return mail.is_empty
    lacking = announced[mail.uid] - len(mail.raw)
    return not mail.raw or (lacking > 0 and lacking > mail.raw.count(b"\n") - mail.raw.count(b"\r\n"))


def _is_large(batch: Sequence[MailSize]) -> bool:
    return sum(entry.size_bytes for entry in batch) > BATCH_BYTES


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
