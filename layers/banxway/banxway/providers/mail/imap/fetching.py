"""Fetches many mails in bounded batches, and goes on after a server that hangs up (reference/mail.md, 1.5 and 9).

One command is unanswered at most: the next batch is asked for when the last one is complete, before its mails are
handed out, so that the server works while they are parsed. Each mail is handed out once, whole, or not at all.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from banxway.errors import HostRefused, ProviderError, ProviderRejected
from banxway.models.mail import FetchedMail, FolderState
from banxway.providers.mail.imap.answers import fetched_items, read_mails
from banxway.providers.mail.imap.connection import ImapConnection
from banxway.providers.mail.imap.session import ImapSession
from banxway.providers.mail.imap.wire import ServerHungUp, ServerRefused, uid_set
from banxway.providers.mail.transport import TooMuch

ITEMS = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
_ASSUMED_BYTES = 1024 * 1024  # of a mail whose size was never asked for
_SLACK_BYTES = (
    1024 * 1024
)  # sizes are what the server says, and some servers err (Exchange, by a few per cent)
_MOST_RESUMPTIONS = (
    12  # enough to come from 200 mails a batch to one, and to pass a few that break the server
)


@dataclass(slots=True)
class Pace:
    """How many mails are asked for at once: halved where the server hangs up, doubled again by each new fetch."""

    messages: int


@dataclass(slots=True)
class _Asked:
    uids: list[int]
    session: ImapSession | None = None
    tag: str = ""
    failure: Exception | None = (
        None  # of asking; told when the answer is taken, after what came before is out
    )


class BatchedFetch:
    """One fetch of many mails from one folder."""

    def __init__(
        self, connection: ImapConnection, folder: FolderState, *, sizes: Mapping[int, int], pace: Pace
    ) -> None:
        self._connection, self._folder, self._sizes, self._pace = connection, folder, sizes, pace
        self._todo: deque[int] = deque()
        self._resumptions = 0
        self._tried_alone: set[int] = set()

    def run(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the mails of ascending UIDs; raises as `ImapMailbox.fetch` says."""
        self._todo.extend(uids)
        self._refuse_the_too_large()
        asked = self._ask()
        while asked:
            mails, failure = self._take(asked)
            done = asked
            missing = [uid for uid in done.uids if uid not in mails]
            # After a failure nothing is asked before what came is out: it must not be lost with what comes next.
            asked = None if failure else self._ask()
            for uid in sorted(mails):
                yield mails.pop(uid)
            if failure:
                self._go_on(failure, done, missing)
                asked = self._ask()

    def _ask(self) -> _Asked | None:
        batch = self._next_batch()
        return self._send(batch) if batch else None

    def _send(self, batch: list[int]) -> _Asked:
        asked = _Asked(batch)
        expected = sum(self._sizes.get(uid, _ASSUMED_BYTES) for uid in batch)
        try:
            asked.session = self._connection.session_in(self._folder, "fetch")
            asked.tag = asked.session.send(
                f"UID FETCH {uid_set(batch)} {ITEMS}",
                max_bytes=max(2 * expected, self._unknown_bytes(batch)) + _SLACK_BYTES,
                expected_bytes=expected,
            )
        except (OSError, ValueError, ServerRefused, ProviderError) as error:
            asked.failure = error
        return asked

    def _unknown_bytes(self, batch: list[int]) -> int:
        limits = self._connection.limits
        is_known = all(uid in self._sizes for uid in batch)
        return 0 if is_known else limits.max_literal_bytes + limits.batch_bytes

    def _take(self, asked: _Asked) -> tuple[dict[int, FetchedMail], Exception | None]:
        """Read a batch's answer: the mails that came whole, and what ended it early."""
        mails: dict[int, FetchedMail] = {}
        wanted = set(asked.uids)
        if asked.session and not asked.session.owes_answer_to(asked.tag):
            asked = self._send(asked.uids)  # the caller used the mailbox in between
        if asked.failure or asked.session is None:
            return mails, asked.failure
        try:
            for mail in read_mails(asked.session.answers()):
                if mail.uid in wanted:
                    mails.setdefault(mail.uid, mail)
        except (OSError, ValueError, ServerRefused) as error:
            return mails, error
        return mails, None

    def _go_on(self, failure: Exception, asked: _Asked, missing: list[int]) -> None:
        """Prepare to ask for what is missing in smaller batches, over a new connection where the old one is gone."""
        if not missing and not self._todo:
            self._connection.translated(failure, "fetch")  # all is out; only the connection may be of no use
            return
        alone = missing[0] if missing and len(asked.uids) == 1 else None
        if isinstance(failure, ServerRefused) and failure.status == "NO":
            if alone and self._is_present(alone):
                raise self._final(failure, alone)
            missing = [] if alone else missing
        else:
            self._reconnect(failure, alone)
        self._pace.messages = max(1, len(asked.uids) // 2)
        self._todo.extendleft(reversed(missing))

    def _is_present(self, uid: int) -> bool:
        """Some servers refuse to fetch what vanished in between, instead of leaving it out (RFC 2180, 4.1)."""
        with self._connection.translating("fetch"):
            session = self._connection.session_in(self._folder, "fetch")
            return uid in {found for found, _ in fetched_items(session.run(f"UID FETCH {uid} (UID)"))}

    def _reconnect(self, failure: Exception, alone: int | None) -> None:
        self._resumptions += 1
        if not _may_pass(failure) or alone in self._tried_alone or self._resumptions > _MOST_RESUMPTIONS:
            raise self._final(failure, alone)
        if alone:
            self._tried_alone.add(alone)
        with self._connection.translating("fetch"):
            self._connection.resume_in(self._folder, "fetch")

    def _final(self, failure: Exception, uid: int | None) -> Exception:
        error = self._connection.translated(failure, "fetch")
        if error is None:
            return failure
        if uid is not None:
            error.details["uid"] = uid
        error.__cause__ = failure
        return error

    def _next_batch(self) -> list[int]:
        limits = self._connection.limits
        batch: list[int] = []
        total = 0
        while self._todo and len(batch) < self._pace.messages:
            size = self._sizes.get(self._todo[0], _ASSUMED_BYTES)
            if batch and (total + size > limits.batch_bytes or size > limits.alone_bytes):
                break
            batch.append(self._todo.popleft())
            total += size
            if size > limits.alone_bytes:
                break
        return batch

    def _refuse_the_too_large(self) -> None:
        most = self._connection.limits.max_literal_bytes
        for uid in self._todo:
            size = self._sizes.get(uid, 0)
            if size > most:
                message = f"The mail has {size} bytes, more than the {most} that are read"
                facts = self._connection.errors.facts("fetch")
                raise ProviderRejected(message, uid=uid, limit_bytes=most, **facts)


def _may_pass(failure: Exception) -> bool:
    """Whether another connection may get further: the stream ended without a word that says why."""
    is_silent_end = isinstance(failure, ServerHungUp) and not str(failure)
    is_broken = isinstance(failure, OSError) and not isinstance(
        failure, ServerHungUp | TimeoutError | TooMuch | HostRefused
    )
    return is_silent_end or is_broken
