"""Keeps one connection to a mailbox and one folder open on it.

A connection that breaks is forgotten at once and the next call that starts over makes another: nothing is retried
here, since only the caller knows what it has stored.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from banxway.clock import Clock
from banxway.errors import ProviderError, ProviderRejected
from banxway.models.integrations.credentials import MailServer
from banxway.models.mail import FolderState
from banxway.providers.mail.imap.answers import read_folder_numbers
from banxway.providers.mail.imap.errors import ImapErrors
from banxway.providers.mail.imap.folders import FolderLister, listed_folders, read_counters
from banxway.providers.mail.imap.session import ImapSession
from banxway.providers.mail.imap.stream import ImapLimits
from banxway.providers.mail.imap.wire import Answer, ServerRefused, encoded_name, quoted
from banxway.providers.mail.transport import Connect, TooMuch

_Answered = TypeVar("_Answered")


@dataclass(slots=True)
class _Selected:
    """What the server has open for us. The caller may believe in another folder than the server."""

    name: str
    is_read_only: bool


class ImapConnection:
    """The kept connection of one account.

    `opened` is the folder that the caller has open, `news` what was said of it when an IDLE was ended.
    """

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        limits: ImapLimits,
        clock: Clock,
    ) -> None:
        self._server, self._connect, self._tls = server, connect, tls
        self._clock = clock
        self.limits = limits
        self.errors = ImapErrors(server)
        self.opened: FolderState | None = None
        self.is_idling_since: float | None = None
        self.news: list[Answer] = []
        self._session: ImapSession | None = None
        self._lister: FolderLister | None = None
        self._selected: _Selected | None = None
        self._uid_validities: dict[str, int] = {}

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, alive or not."""
        return self._session is not None

    def live_session(self) -> ImapSession:
        """Return the kept session if it still answers, else a new one."""
        if self._session is not None and not self.answers():
            self.forget()
        if self._session is None:
            self._session = ImapSession(
                self._server, connect=self._connect, tls=self._tls, limits=self.limits, clock=self._clock
            )
            self._lister = FolderLister(self._session)
        return self._session

    def answers(self) -> bool:
        """Whether the kept session gives a sign of life."""
        if self._session is None:
            return False
        with suppress(OSError, ValueError, ServerRefused):
            self.end_idle()
            return self._session.is_alive()
        return False

    def counts(self) -> tuple[int, int]:
        """Return how many folders can be opened, and how many of INBOX's mails are unread."""
        session = self.live_session()
        folders = listed_folders(session.run('LIST "" "*"'))
        unread = read_counters(session.run("STATUS INBOX (UNSEEN)"))
        return len(folders), unread.get("INBOX", {}).get("UNSEEN", 0)

    def folders(self) -> list[FolderState]:
        """Return every folder with its counters."""
        states = self._over_live_session(self._listed)
        self._uid_validities = {state.name: state.uid_validity for state in states}
        return states

    def examine(self, name: str, operation: str) -> FolderState:
        """Open a folder read-only over a live session; it stays `opened` until another is, or the end."""
        self.opened = None
        self.opened = self._over_live_session(lambda: self._select(name, operation, is_read_only=True))
        return self.opened

    def session_in(self, folder: FolderState, operation: str) -> ImapSession:
        """Return the kept session with this folder open read-only, opening it again where another was between.

        Raises ProviderUnavailable if the connection is gone, or the folder's UIDs mean other mails by now.
        """
        session = self._session
        if session is None:
            raise self.errors.lost(operation)
        self.end_idle()
        if self._selected is None or self._selected.name != folder.name:
            self._reopen(folder, operation)
        return session

    def resume_in(self, folder: FolderState, operation: str) -> ImapSession:
        """Return a new session with this folder open; raises as `session_in` does."""
        self.forget()
        session = self.live_session()
        self._reopen(folder, operation)
        return session

    def select_for_changes(self, name: str, operation: str) -> ImapSession:
        """Open a folder for a change over a live session.

        Raises ProviderUnavailable if its UIDs mean other mails than when it was listed or opened last.
        """
        known = self._uid_validities.get(name)
        state = self._over_live_session(lambda: self._select(name, operation, is_read_only=False))
        if known is not None and state.uid_validity != known:
            raise self.errors.renumbered(operation)
        if self._session is None:
            raise self.errors.lost(operation)
        return self._session

    def idling_session(self, operation: str) -> ImapSession:
        """Return the session that IDLE is on for. Raises ProviderUnavailable if it is gone."""
        if self._session is None or self.is_idling_since is None:
            raise self.errors.lost(operation)
        return self._session

    def end_idle(self) -> None:
        """End an IDLE that was left running; harmless when there is none."""
        if self._session is not None and self.is_idling_since is not None:
            self.is_idling_since = None
            self._session.continue_with("DONE")
            self.news.extend(self._session.answers())

    def forget(self) -> None:
        """Drop the connection without a word; the caller's folder stays known for `resume_in`."""
        session, self._session = self._session, None
        self._selected = self._lister = self.is_idling_since = None
        if session is not None:
            session.shutdown()

    def close(self) -> None:
        """Log out and forget the connection and the folder; harmless when there is none."""
        self.opened = None
        if self._session is not None:
            with suppress(OSError, ValueError, ServerRefused):
                self.end_idle()
                self._session.run("LOGOUT")
        self.forget()

    # -- inside --------------------------------------------------------------------------------------------

    def _over_live_session(self, ask: Callable[[], _Answered]) -> _Answered:
        """Ask a kept session, and a new one where the kept one turns out to be gone; asking changes nothing."""
        was_kept = self.is_connected
        self.live_session()
        self.news.clear()
        try:
            return ask()
        except OSError as error:
            if not was_kept or isinstance(error, TimeoutError | TooMuch):
                raise
        self.forget()
        self.live_session()
        return ask()

    def _listed(self) -> list[FolderState]:
        if self._lister is None:
            raise self.errors.lost("folders")
        return [self._recounted(state) for state in self._lister.folders()]

    def _recounted(self, state: FolderState) -> FolderState:
        """Open the open folder again where STATUS contradicts what was told of it (NOOP, IDLE).

        STATUS need not be up to date for the folder that is open (RFC 3501, 6.3.10), and one that never is would
        hide new mail.
        """
        told = self._session.exists if self._session is not None else None
        is_open = self._selected is not None and self._selected.name == state.name
        if not is_open or told in (None, state.messages):
            return state
        with suppress(ProviderRejected):
            return self._select(state.name, "folders", is_read_only=True)
        return state

    def _reopen(self, folder: FolderState, operation: str) -> None:
        if self._select(folder.name, operation, is_read_only=True).uid_validity != folder.uid_validity:
            raise self.errors.renumbered(operation)

    def _select(self, name: str, operation: str, *, is_read_only: bool) -> FolderState:
        session, lister = self._session, self._lister
        if session is None or lister is None:
            raise self.errors.lost(operation)
        verb = "EXAMINE" if is_read_only else "SELECT"
        self._selected = session.exists = None
        raw = lister.raw_names.get(name) or encoded_name(name)
        try:
            stated = read_folder_numbers(session.run(f"{verb} {quoted(raw)}"))
        except ServerRefused as error:
            raise self.errors.refused(str(error), "open") from error
        self._selected = _Selected(name, is_read_only)
        if "UIDVALIDITY" not in stated or "UIDNEXT" not in stated:
            message = "The mail server does not say UIDVALIDITY and UIDNEXT"
            raise ProviderRejected(message, **self.errors.facts(operation))
        self._uid_validities[name] = stated["UIDVALIDITY"]
        return FolderState(
            name=name,
            uid_validity=stated["UIDVALIDITY"],
            uid_next=stated["UIDNEXT"],
            messages=stated.get("EXISTS", 0),
            highest_modseq=stated.get("HIGHESTMODSEQ") or None,
            role=lister.role_of(name),
        )

    # -- errors --------------------------------------------------------------------------------------------

    @contextmanager
    def translating(self, operation: str) -> Iterator[None]:
        """Raise ProviderError for whatever a connection or a server does wrong within."""
        try:
            yield
        except ProviderError:
            raise
        except Exception as error:
            if known := self.translated(error, operation):
                raise known from error
            raise

    def translated(self, error: Exception, operation: str) -> ProviderError | None:
        """Return what to raise for an error, forgetting a connection that is useless after it; None for a bug."""
        was_connected = self._session is not None
        if not (isinstance(error, ServerRefused) and error.status == "NO"):
            self.forget()
        return self.errors.of(error, operation, was_connected=was_connected)
