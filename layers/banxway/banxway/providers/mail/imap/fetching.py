"""Fetches many mails in limited batches, and continues after a server that hangs up (reference/mail.md, 1.5 and 9).

At most one command is unanswered: the next batch is requested as soon as the last one is complete, before its mails
are yielded, so that the server works while they are parsed. Each mail is yielded once, whole, or not at all.
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
from banxway.providers.mail.transport import AnswerTooLarge

ITEMS = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
_ASSUMED_BYTES = 1024 * 1024  # for a mail whose size is not known
_SLACK_BYTES = 1024 * 1024  # some servers state wrong sizes (Exchange, by a few per cent)
_MAX_RECONNECTS = 12  # enough to get from 200 mails a batch to one, and past a few that break the server


@dataclass(slots=True)
class Pace:
    """How many mails to request at once: halved when the server hangs up, doubled again by each new fetch."""

    messages: int


@dataclass(slots=True)
class _RequestedBatch:
    uids: list[int]
    session: ImapSession | None = None
    tag: str = ""
    # A failure to send is handled only when the answer is read, after the mails of the batch before are yielded.
    failure: Exception | None = None


class BatchedFetch:
    """One fetch of many mails from one folder."""

    def __init__(
        self, connection: ImapConnection, folder: FolderState, *, sizes: Mapping[int, int], pace: Pace
    ) -> None:
        self._connection, self._folder, self._sizes, self._pace = connection, folder, sizes, pace
        self._todo: deque[int] = deque()
        self._reconnects = 0
        self._tried_alone: set[int] = set()

    def run(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the mails of these UIDs, which must be ascending; raises what `ImapMailbox.fetch` does."""
        self._todo.extend(uids)
        self._refuse_too_large()
        asked = self._ask()
        while asked:
            mails, failure = self._receive(asked)
            done = asked
            missing = [uid for uid in done.uids if uid not in mails]
            # After a failure the mails that came are yielded before the next request, which might lose them.
            asked = None if failure else self._ask()
            for uid in sorted(mails):
                yield mails.pop(uid)
            if failure:
                self._recover(failure, done, missing)
                asked = self._ask()

    def _ask(self) -> _RequestedBatch | None:
        batch = self._next_batch()
        return self._send(batch) if batch else None

    def _send(self, batch: list[int]) -> _RequestedBatch:
        asked = _RequestedBatch(batch)
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

    def _receive(self, asked: _RequestedBatch) -> tuple[dict[int, FetchedMail], Exception | None]:
        """Read a batch's answer; return the mails that came whole, and the error that ended it early."""
        mails: dict[int, FetchedMail] = {}
        wanted = set(asked.uids)
        if asked.session and not asked.session.has_unread_answer_to(asked.tag):
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

    def _recover(self, failure: Exception, asked: _RequestedBatch, missing: list[int]) -> None:
        """Queue the missing mails again in smaller batches, over a new connection if the old one is gone."""
        if not missing and not self._todo:
            # Every mail is yielded; only the connection may have to be dropped.
            self._connection.mapped_error(failure, "fetch")
            return
        alone = missing[0] if missing and len(asked.uids) == 1 else None
        if isinstance(failure, ServerRefused) and failure.status == "NO":
            if alone and self._is_present(alone):
                raise self._final_error(failure, alone)
            missing = [] if alone else missing
        else:
            self._reconnect(failure, alone)
        self._pace.messages = max(1, len(asked.uids) // 2)
        self._todo.extendleft(reversed(missing))

    def _is_present(self, uid: int) -> bool:
        """Return whether a mail still exists: some servers refuse to fetch one that is gone (RFC 2180, 4.1)."""
        with self._connection.mapping_errors("fetch"):
            session = self._connection.session_in(self._folder, "fetch")
            return uid in {found for found, _ in fetched_items(session.run(f"UID FETCH {uid} (UID)"))}

    def _reconnect(self, failure: Exception, alone: int | None) -> None:
        self._reconnects += 1
        if not _is_transient(failure) or alone in self._tried_alone or self._reconnects > _MAX_RECONNECTS:
            raise self._final_error(failure, alone)
        if alone:
            self._tried_alone.add(alone)
        with self._connection.mapping_errors("fetch"):
            self._connection.reconnect_in(self._folder, "fetch")

    def _final_error(self, failure: Exception, uid: int | None) -> Exception:
        error = self._connection.mapped_error(failure, "fetch")
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

    def _refuse_too_large(self) -> None:
        most = self._connection.limits.max_literal_bytes
        for uid in self._todo:
            size = self._sizes.get(uid, 0)
            if size > most:
                message = f"The mail has {size} bytes, more than the {most} that are read"
                facts = self._connection.errors.facts("fetch")
                raise ProviderRejected(message, uid=uid, limit_bytes=most, **facts)


def _is_transient(failure: Exception) -> bool:
    """Return whether a new connection may get further: the old one broke without a reason from the server."""
    is_silent_end = isinstance(failure, ServerHungUp) and not str(failure)
    is_broken = isinstance(failure, OSError) and not isinstance(
        failure, ServerHungUp | TimeoutError | AnswerTooLarge | HostRefused
    )
    return is_silent_end or is_broken
