"""Reads one mailbox by IMAP over TLS, without ever changing it: EXAMINE and BODY.PEEK only (mail.md, 1)."""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from banxway.errors import (
    BanxwayError,
    HostRefused,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
)
from banxway.models.account_checks import ImapCheck
from banxway.models.credentials import MailServer
from banxway.models.mail import FetchedMail, FolderState, MailSize
from banxway.providers.mail.connection import Connect, MailErrors
from banxway.providers.mail.imap_answers import read_mails, read_number, read_sizes, selectable_folders
from banxway.providers.mail.imap_session import ImapLimits, ImapSession, LoginRefused, folder_argument

_ASSUMED_BYTES = 1024 * 1024  # of a mail whose size was never asked for
_OVERLOADED = re.compile(
    r"\[(LIMIT|INUSE|UNAVAILABLE|SERVERBUG)\]|too many|maximum|limit|overload|busy|try again|temporar",
    re.IGNORECASE,
)


class ImapMailbox:
    """The Mailbox of one account; keeps its connection between calls, one folder open at a time.

    A connection that breaks is forgotten at once: the next `open` makes a new one, and nothing is retried
    in between, since only the caller knows what it has stored.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        limits: ImapLimits | None = None,
    ) -> None:
        self._server = server
        self._connect = connect
        self._tls = tls
        self._limits = limits or ImapLimits()
        self._errors = MailErrors(server, "imap")
        self._session: ImapSession | None = None
        self._sizes: dict[int, int] = {}

    def check(self) -> ImapCheck:
        """Log in on a connection of its own, count folders and INBOX's unread mail, log out. Never raises."""
        server = self._server
        result = ImapCheck(success=False, host=server.host, port=server.port, secure=server.tls == "implicit")
        probe = ImapMailbox(server, connect=self._connect, tls=self._tls, limits=self._limits)
        try:
            folders, unread = probe._counts()
        except BanxwayError as failure:
            return result.model_copy(update={"error": failure.message})
        finally:
            probe.close()
        counts = {"mailbox_count": folders, "unread_count": unread}
        return result.model_copy(update={"success": True, **counts})

    def open(self, folder: str) -> FolderState:
        """Open a folder read-only, over the kept connection if it still answers, else over a new one.

        Raises ProviderDenied for the login, ProviderThrottled for too many connections, ProviderRejected for
        a folder that cannot be opened, ProviderTimeout or ProviderUnavailable for the connection.
        """
        name = folder_argument(folder)
        self._sizes = {}
        with self._translating("open"):
            session = self._live_session()
            status, answer = session.select(name, readonly=True)
            if status != "OK":
                raise self._refused(_text(answer), "open")
            stated = {
                code: read_number(session.response(code)[1]) for code in ("UIDVALIDITY", "UIDNEXT", "EXISTS")
            }
        uid_validity, uid_next = stated["UIDVALIDITY"], stated["UIDNEXT"]
        if uid_validity is None or uid_next is None:
            message = "The mail server does not say UIDVALIDITY and UIDNEXT"
            raise ProviderRejected(message, **self._errors.facts("open"))
        return FolderState(folder, uid_validity, uid_next, stated["EXISTS"] or 0)

    def sizes(self, *, first_uid: int) -> list[MailSize]:
        """Return UID and size of every message from `first_uid` on, ascending; `fetch` batches by them.

        `n:*` always names the last message, even below n (RFC 3501, 6.4.8): such answers are dropped.
        """
        with self._translating("sizes"):
            entries = self._fetched(f"{max(1, first_uid)}:*", "(UID RFC822.SIZE)", "sizes")
            found = {uid: size for uid, size in read_sizes(entries) if uid >= first_uid}
        self._sizes = found
        return [MailSize(uid, found[uid]) for uid in sorted(found)]

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the mails ascending by UID, a batch in memory at a time; vanished ones are left out.

        Sizes from the last `sizes` call decide the batches; a mail of unknown size counts as 1 MiB. Raises
        ProviderRejected, with `details["uid"]`, before anything is fetched if one is larger than allowed.
        """
        for batch in list(self._batches(sorted(set(uids)))):
            wanted = set(batch)
            with self._translating("fetch"):
                entries = self._fetched(_uid_set(batch), "(UID INTERNALDATE BODY.PEEK[])", "fetch")
                mails = {mail.uid: mail for mail in read_mails(entries) if mail.uid in wanted}
            del entries
            for uid in sorted(mails):
                yield mails.pop(uid)

    def close(self) -> None:
        """Log out and forget the connection; harmless when there is none."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(OSError, ValueError, imaplib.IMAP4.error):
                session.command("LOGOUT")
            session.shutdown()

    def _counts(self) -> tuple[int, int]:
        with self._translating("check"):
            session = self._live_session()
            listed = session.list('""', '"*"')[1]
            unread = read_number(session.status("INBOX", "(UNSEEN)")[1])
        return selectable_folders(listed), unread or 0

    def _live_session(self) -> ImapSession:
        if self._session is not None and not self._session.is_alive():
            self._forget()
        if self._session is None:
            self._session = ImapSession(
                self._server, connect=self._connect, tls=self._tls, limits=self._limits
            )
        return self._session

    def _fetched(self, uid_set: str, items: str, operation: str) -> list[object]:
        session = self._session
        if session is None:
            message = "Connection closed: open a folder first"
            raise ProviderUnavailable(message, **self._errors.facts(operation))
        session.untagged_responses.pop("FETCH", None)  # what the server volunteered since
        status, answer = session.uid("FETCH", uid_set, items)
        if status != "OK":
            raise self._refused(_text(answer), operation)
        return [entry for entry in answer if entry is not None]

    def _batches(self, uids: list[int]) -> Iterator[list[int]]:
        batch: list[int] = []
        total = 0
        for uid in uids:
            size = self._size_within_limit(uid)
            is_full = len(batch) >= self._limits.batch_messages or total + size > self._limits.batch_bytes
            if batch and is_full:
                yield batch
                batch, total = [], 0
            batch.append(uid)
            total += size
        if batch:
            yield batch

    def _size_within_limit(self, uid: int) -> int:
        size, most = self._sizes.get(uid), self._limits.max_literal_bytes
        if size is not None and size > most:
            message = f"The mail has {size} bytes, more than the {most} that are read"
            raise ProviderRejected(message, uid=uid, limit_bytes=most, **self._errors.facts("fetch"))
        return _ASSUMED_BYTES if size is None else size

    @contextmanager
    def _translating(self, operation: str) -> Iterator[None]:
        """Turn what breaks into our errors; whatever broke, the connection is not used again."""
        try:
            yield
        except LoginRefused as error:
            raise self._login_refused(str(error), operation) from error
        except imaplib.IMAP4.abort as error:
            self._forget()
            raise self._broken(error, operation) from error
        except imaplib.IMAP4.error as error:
            self._forget()
            raise self._refused(str(error), operation) from error
        except TimeoutError as error:
            was_connected = self._session is not None
            self._forget()
            if was_connected:
                raise ProviderTimeout("Connection timeout", **self._errors.facts(operation)) from error
            raise self._errors.unreachable(error, operation) from error
        except (HostRefused, OSError) as error:
            self._forget()
            raise self._errors.unreachable(error, operation) from error
        except (ValueError, KeyError, IndexError) as error:  # imaplib, on an answer that makes no sense
            self._forget()
            message = "The mail server's answer is unreadable"
            raise ProviderUnavailable(message, **self._errors.facts(operation)) from error

    def _forget(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.shutdown()

    def _login_refused(self, answer: str, operation: str) -> ProviderError:
        said = self._errors.without_password(answer)
        if _OVERLOADED.search(said) and "AUTHENTICATIONFAILED" not in said.upper():
            return ProviderThrottled(said, provider_message=said, **self._errors.facts(operation))
        return self._errors.denied(said, operation)

    def _broken(self, error: Exception, operation: str) -> ProviderError:
        said = self._errors.without_password(str(error))
        if _OVERLOADED.search(said):
            return ProviderThrottled(said, provider_message=said, **self._errors.facts(operation))
        message = "Connection closed by the server"
        return ProviderUnavailable(message, provider_message=said, **self._errors.facts(operation))

    def _refused(self, answer: str, operation: str) -> ProviderError:
        """Name a NO or BAD: of a folder it is final; of reading, it may pass."""
        said = self._errors.without_password(answer)
        kind = ProviderRejected if operation == "open" else ProviderUnavailable
        message = f"The mail server refused: {said}"
        return kind(message, provider_message=said, **self._errors.facts(operation))


def _uid_set(uids: Sequence[int]) -> str:
    """Write ascending UIDs as a sequence set: runs as ranges (RFC 3501, section 9)."""
    runs: list[tuple[int, int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], uid)
        else:
            runs.append((uid, uid))
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def _text(answer: object) -> str:
    last = answer[-1] if isinstance(answer, list) and answer else None
    return last.decode("utf-8", "replace") if isinstance(last, bytes) else ""
