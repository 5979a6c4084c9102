"""Reads one mailbox by IMAP over TLS; only `mark_seen` and `remove` modify it (EXAMINE and BODY.PEEK do not).

The commands are chosen for Zoho's behaviour (reference/mail.md, 1 and 9).
"""

import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.errors import BanxwayError, ProviderRejected
from banxway.models.integrations.checks import ImapCheck
from banxway.models.integrations.credentials import MailServer
from banxway.models.mail import FetchedMail, FolderState, MailFlags, MailSize
from banxway.providers.mail.imap.answers import (
    fetched_items,
    header_of,
    is_news,
    read_flags,
    read_folder_numbers,
    read_found,
    read_message_ids,
    read_sizes,
)
from banxway.providers.mail.imap.connection import ImapConnection
from banxway.providers.mail.imap.fetching import BatchedFetch, Pace
from banxway.providers.mail.imap.modifying import modify
from banxway.providers.mail.imap.session import ImapSession
from banxway.providers.mail.imap.stream import ImapLimits
from banxway.providers.mail.imap.wire import Answer, ServerRefused, encoded_name, quoted, uid_set
from banxway.providers.mail.transport import Connect, message_for_test, refuse_control_characters

_MOST_HEADER_BYTES = 65536
_MOST_FOUND = 1000  # candidates that a search for one Message-ID may return; each is verified
_ID_FIELD = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_Read = TypeVar("_Read")


class ImapMailbox:
    """The Mailbox of one account; keeps its connection between calls, with one folder open at a time.

    A connection that breaks is dropped at once, and the next `folders` or `open` makes a new one. Only `fetch`
    reconnects on its own when the server hangs up in the middle.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        limits: ImapLimits | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._server = server
        self._limits = limits or ImapLimits()
        self._clock = clock
        self._new_connection = partial(
            ImapConnection, server, connect=connect, tls=tls, limits=self._limits, clock=clock
        )
        self._connection = self._new_connection()
        self._sizes: dict[int, int] = {}
        self._pace = Pace(self._limits.batch_messages)

    def check(self) -> ImapCheck:
        """Log in on a separate connection, count the folders and INBOX's unread mails, and log out. Never raises."""
        server = self._server
        result = ImapCheck(success=False, host=server.host, port=server.port, secure=server.tls == "implicit")
        probe = self._new_connection()
        try:
            with probe.mapping_errors("check"):
                folders, unread = probe.counts()
        except BanxwayError as failure:
            said = {
                "error": message_for_test(failure),
                "reason": failure.reason,
                "may_pass": failure.retryable,
            }
            return result.model_copy(update=said)
        finally:
            probe.close()
        counts = {"mailbox_count": folders, "unread_count": unread}
        return result.model_copy(update={"success": True, **counts})

    def folders(self) -> list[FolderState]:
        """Return every folder that can be opened, by one command where the server offers LIST-STATUS (RFC 5819).

        Uses the kept connection if it still answers, else a new one. Raises what `open` does.
        """
        with self._connection.mapping_errors("folders"):
            return self._connection.folders()

    def open(self, folder: str) -> FolderState:
        """Open a folder read-only, over the kept connection if it still answers, else over a new one.

        Raises ProviderDenied for the login, ProviderThrottled for too many connections, ProviderRejected for
        a folder that cannot be opened, ProviderTimeout or ProviderUnavailable for the connection.
        """
        encoded_name(folder)  # refuses a name that could smuggle in a command, before connecting
        self._sizes = {}
        with self._connection.mapping_errors("open"):
            return self._connection.examine(folder, "open")

    def sizes(self, *, first_uid: int) -> list[MailSize]:
        """Return UID and size (bytes) of every message from `first_uid` on, ascending; `fetch` batches by them.

        `n:*` always includes the last message, even below n (RFC 3501, 6.4.8): such answers are dropped.
        """
        command = f"UID FETCH {max(1, first_uid)}:* (UID RFC822.SIZE)"
        read = self._read(command, "sizes", read_sizes)
        self._sizes = {uid: size for uid, size in read if uid >= first_uid}
        return [MailSize(uid, self._sizes[uid]) for uid in sorted(self._sizes)]

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the mails ascending by UID, with one batch in memory at a time; vanished ones are left out.

        Sizes from the last `sizes` call decide the batches; a mail of unknown size counts as 1 MiB. When the
        server hangs up in the middle, this connects again and continues with half as many at a time. Each mail is
        yielded at most once. Raises ProviderRejected with `details["uid"]` before anything is fetched if a mail
        is larger than allowed; ProviderUnavailable with `details["uid"]` for one that cannot be fetched even in a
        batch of its own; what `open` does for the connection.
        """
        folder = self._connection.open_folder
        if folder is None or not self._connection.is_connected:
            raise self._connection.errors.not_connected_error("fetch")
        self._pace.messages = min(self._limits.batch_messages, 2 * self._pace.messages)
        batches = BatchedFetch(self._connection, folder, sizes=self._sizes, pace=self._pace)
        yield from batches.run(sorted(set(uids)))

    def fetch_headers(self, uid: int) -> bytes | None:
        """Return the first 64 KiB of a message's header, unparsed; None if the message vanished."""
        command = f"UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{_MOST_HEADER_BYTES}>)"
        headers = {
            found: header_of(items)
            for found, items in self._read(command, "fetch_headers", fetched_items)
            if header_of(items) is not None
        }
        header = headers.get(uid)
        return header[:_MOST_HEADER_BYTES] if header is not None else None

    def uids(self) -> list[int]:
        """Return every UID of the open folder, ascending; by one short answer where the server offers ESEARCH."""
        with self._connection.mapping_errors("uids"):
            session = self._session("uids")
            if "ESEARCH" in session.capabilities:
                return self._searched(session, "UID SEARCH RETURN (ALL) ALL", at_most=self._limits.max_lines)
        return sorted({uid for uid, _ in self._read("UID FETCH 1:* (UID)", "uids", fetched_items)})

    def flags(self, *, up_to_uid: int, changed_since: int | None) -> list[MailFlags]:
        """Return the flags of messages up to a UID, ascending: those that changed since a modseq, or all without one.

        All are returned, too, if the server announces no CONDSTORE or refuses CHANGEDSINCE (RFC 7162).
        """
        if up_to_uid < 1:
            return []
        command = f"UID FETCH 1:{up_to_uid} (UID FLAGS)"
        found = self._changed_flags(command, changed_since) if changed_since else None
        if found is None:
            found = self._read(command, "flags", read_flags)
        by_uid = {one.uid: one for one in found if one.uid <= up_to_uid}
        return [by_uid[uid] for uid in sorted(by_uid)]

    def mark_seen(self, folder: str, uids: Sequence[int]) -> None:
        """Set the Seen flag of these messages; those that vanished are left out.

        Raises ProviderUnavailable, and marks nothing, if the folder's UIDVALIDITY changed since `folders` or `open`
        saw it last; ProviderRejected if the mailbox is read-only for us; else what `open` does.
        """
        modify(self._connection, folder, uids, "mark_seen", "UID STORE {uids} +FLAGS.SILENT (\\Seen)")

    def remove(self, folder: str, uids: Sequence[int]) -> None:
        """Delete these messages for good, by UID EXPUNGE (RFC 4315): messages that others marked as deleted stay.

        Raises ProviderRejected if the server has no UID EXPUNGE; else what `mark_seen` does.
        """
        modify(
            self._connection,
            folder,
            uids,
            "remove",
            "UID STORE {uids} +FLAGS.SILENT (\\Deleted)",
            "UID EXPUNGE {uids}",
        )

    def find(self, folder: str, *, message_id: str) -> list[int]:
        """Return the UIDs in a folder whose Message-ID is exactly this id (without brackets), ascending.

        Servers search for a part of the header (RFC 3501, 6.4.4), so each result is verified. Opens the folder.
        """
        refuse_control_characters("message_id", message_id)
        encoded_name(folder)
        # A search beyond ASCII needs a CHARSET that not every server has; an ASCII part of the id finds it as well.
        longest = max(message_id.encode("ascii", "replace").decode().split("?"), key=len)
        if not longest:
            return []
        with self._connection.mapping_errors("find"):
            self._connection.examine(folder, "find")
            session = self._session("find")
            command = f"UID SEARCH HEADER MESSAGE-ID {quoted(longest)}"
            candidates = self._searched(session, command, at_most=_MOST_FOUND)
            if not candidates:
                return []
            named = session.run(f"UID FETCH {uid_set(candidates)} (UID {_ID_FIELD})")
        return sorted({uid for uid, found in read_message_ids(named) if found == message_id})

    def wait_for_news(self, *, seconds: float) -> bool:
        """Hold IDLE on the open folder; return whether the server reported something within these seconds.

        IDLE stays on between calls until another method is called, so that no answer in between is lost. It is
        renewed long before servers end it (RFC 2177), which also detects a connection that died silently.
        Raises ProviderRejected if the server has no IDLE.
        """
        deadline = self._clock.monotonic() + seconds
        with self._connection.mapping_errors("wait_for_news"):
            while True:
                if self._begin_idle():
                    return True
                left_s = deadline - self._clock.monotonic()
                if left_s <= 0:
                    return False
                if self._hears_news(min(left_s, self._limits.idle_renewal_s)):
                    return True

    def is_alive(self) -> bool:
        """Return whether the kept connection answers NOOP, or has just answered something. Never raises."""
        if self._connection.is_alive():
            return True
        self._connection.drop()
        return False

    def close(self) -> None:
        """Log out and drop the connection; does nothing if there is none."""
        self._connection.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _session(self, operation: str) -> ImapSession:
        folder = self._connection.open_folder
        if folder is None:
            raise self._connection.errors.not_connected_error(operation)
        return self._connection.session_in(folder, operation)

    def _read(
        self, command: str, operation: str, read: Callable[[Iterable[Answer]], Iterator[_Read]]
    ) -> list[_Read]:
        """Run a command whose answer has a line per message, and parse each line as it comes."""
        with self._connection.mapping_errors(operation):
            session = self._session(operation)
            session.send(command, max_bytes=self._limits.max_answer_bytes)
            return list(read(session.answers()))

    def _searched(self, session: ImapSession, command: str, *, at_most: int) -> list[int]:
        return read_found(
            session.run(command, line_bytes=self._limits.max_answer_bytes // 4), at_most=at_most
        )

    def _changed_flags(self, command: str, changed_since: int | None) -> list[MailFlags] | None:
        """Return the flags that changed since a modseq, or None if the server cannot list them."""
        with self._connection.mapping_errors("flags"):
            session = self._session("flags")
            if "CONDSTORE" not in session.capabilities:
                return None
            try:
                answers = session.run(
                    f"{command} (CHANGEDSINCE {changed_since})", line_bytes=self._limits.max_line_bytes
                )
            except ServerRefused:
                return None
            return list(read_flags(answers))

    def _begin_idle(self) -> bool:
        """Start or renew IDLE where needed; return whether news had arrived by then."""
        connection = self._connection
        since = connection.is_idling_since
        if since is not None and self._clock.monotonic() - since < self._limits.idle_renewal_s:
            return False
        session = self._session("wait_for_news")  # ends an IDLE that is on
        if "IDLE" not in session.capabilities:
            message = "The mail server offers no IDLE"
            raise ProviderRejected(message, **connection.errors.facts("wait_for_news"))
        session.send("IDLE", max_bytes=self._limits.max_line_bytes)
        connection.news.extend(session.await_continuation())
        connection.is_idling_since = self._clock.monotonic()
        news, connection.news = connection.news, []
        return self._are_news(news)

    def _hears_news(self, seconds: float) -> bool:
        session = self._connection.idling_session("wait_for_news")
        answer = session.wait_for_line(seconds)
        return answer is not None and self._are_news([answer])

    def _are_news(self, answers: Sequence[Answer]) -> bool:
        folder = self._connection.open_folder
        if folder is None:
            return False
        news = [answer for answer in answers if is_news(answer, known_messages=folder.messages)]
        count = read_folder_numbers(answers).get("EXISTS", folder.messages)
        self._connection.open_folder = replace(folder, messages=count)
        return bool(news)
