"""Keeps one connection to a mailbox, with one folder open on it.

A connection that breaks is dropped at once. `folders`, `examine` and `select_writable` connect again on their own,
since they only read counters; everything else is left to the caller, who alone knows what it has stored.
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
from banxway.providers.mail.transport import AnswerTooLarge, Connect

_Answered = TypeVar("_Answered")


@dataclass(slots=True)
class _Selected:
    """The folder that the server has open for us, which may be another one than the caller's."""

    name: str
    is_read_only: bool


class ImapConnection:
    """The kept connection of one account.

    `open_folder` is the folder that the caller has open; `news` keeps the answers that came while an IDLE was ended.
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
        self.open_folder: FolderState | None = None
        self.is_idling_since: float | None = None
        self.news: list[Answer] = []
        self._session: ImapSession | None = None
        self._lister: FolderLister | None = None
        self._selected: _Selected | None = None
        self._uid_validities: dict[str, int] = {}

    @property
    def is_connected(self) -> bool:
        """Return whether there is a connection, alive or not."""
        return self._session is not None

    def live_session(self) -> ImapSession:
        """Return the kept session if it still answers, else a new one."""
        if self._session is not None and not self.is_alive():
            self.drop()
        if self._session is None:
            self._session = ImapSession(
                self._server, connect=self._connect, tls=self._tls, limits=self.limits, clock=self._clock
            )
            self._lister = FolderLister(self._session)
        return self._session

    def is_alive(self) -> bool:
        """Return whether the kept session still answers. Never raises for a server."""
        if self._session is None:
            return False
        with suppress(OSError, ValueError, ServerRefused):
            self.end_idle()
            return self._session.is_alive()
        return False

    def counts(self) -> tuple[int, int]:
        """Return the number of folders that can be opened, and the number of unread mails in INBOX."""
        session = self.live_session()
        folders = listed_folders(session.run('LIST "" "*"'))
        unread = read_counters(session.run("STATUS INBOX (UNSEEN)"))
        return len(folders), unread.get("INBOX", {}).get("UNSEEN", 0)

    def folders(self) -> list[FolderState]:
        """Return every folder with its counters."""

        def ask() -> list[FolderState]:
            if self._lister is None:
                raise self.errors.not_connected_error("folders")
            return [self._refreshed(state) for state in self._lister.folders()]

        states = self._over_live_session(ask)
        self._uid_validities = {state.name: state.uid_validity for state in states}
        return states

    def examine(self, name: str, operation: str) -> FolderState:
        """Open a folder read-only over a live session; it is `open_folder` until another one is, or until `close`."""
        self.open_folder = None
        self.open_folder = self._over_live_session(lambda: self._select(name, operation, is_read_only=True))
        return self.open_folder

    def session_in(self, folder: FolderState, operation: str) -> ImapSession:
        """Return the kept session with this folder open; opens it again read-only if another folder is open.

        Raises ProviderUnavailable if the connection is gone, or if the folder's UIDVALIDITY changed.
        """
        session = self._session
        if session is None:
            raise self.errors.not_connected_error(operation)
        self.end_idle()
        if self._selected is None or self._selected.name != folder.name:
            self._reopen(folder, operation)
        return session

    def reconnect_in(self, folder: FolderState, operation: str) -> ImapSession:
        """Return a new session with this folder open read-only; raises what `session_in` does."""
        self.drop()
        session = self.live_session()
        self._reopen(folder, operation)
        return session

    def select_writable(self, name: str, operation: str) -> ImapSession:
        """Open a folder for writing over a live session.

        Raises ProviderUnavailable if its UIDVALIDITY changed since it was last listed or opened.
        """
        known = self._uid_validities.get(name)
        state = self._over_live_session(lambda: self._select(name, operation, is_read_only=False))
        if known is not None and state.uid_validity != known:
            raise self.errors.renumbered_error(operation)
        if self._session is None:
            raise self.errors.not_connected_error(operation)
        return self._session

    def idling_session(self, operation: str) -> ImapSession:
        """Return the session on which IDLE is on. Raises ProviderUnavailable if it is gone."""
        if self._session is None or self.is_idling_since is None:
            raise self.errors.not_connected_error(operation)
        return self._session

    def end_idle(self) -> None:
        """End an IDLE that was left on; does nothing if there is none."""
        if self._session is not None and self.is_idling_since is not None:
            self.is_idling_since = None
            self._session.continue_with("DONE")
            self.news.extend(self._session.answers())

    def drop(self) -> None:
        """Drop the connection without a logout; `open_folder` stays, for `reconnect_in`."""
        session, self._session = self._session, None
        self._selected = self._lister = self.is_idling_since = None
        if session is not None:
            session.shutdown()

    def close(self) -> None:
        """Log out and drop the connection and the open folder; does nothing if there is none."""
        self.open_folder = None
        if self._session is not None:
            with suppress(OSError, ValueError, ServerRefused):
                self.end_idle()
                self._session.run("LOGOUT")
        self.drop()

    # -- inside --------------------------------------------------------------------------------------------

    def _over_live_session(self, ask: Callable[[], _Answered]) -> _Answered:
        """Run `ask` over the kept session, and again over a new one if the kept one is gone; it changes nothing."""
        was_kept = self.is_connected
        self.live_session()
        self.news.clear()
        try:
            return ask()
        except OSError as error:
            if not was_kept or isinstance(error, TimeoutError | AnswerTooLarge):
                raise
        self.drop()
        self.live_session()
        return ask()

    def _refreshed(self, state: FolderState) -> FolderState:
        """Return a folder's state; of the open one a new state, if STATUS disagrees with the last EXISTS count.

        STATUS need not be up to date for the folder that is open (RFC 3501, 6.3.10); one that never is would hide
        new mail.
        """
        exists = self._session.exists if self._session is not None else None
        is_open = self._selected is not None and self._selected.name == state.name
        if not is_open or exists in (None, state.messages):
            return state
        with suppress(ProviderRejected):
            return self._select(state.name, "folders", is_read_only=True)
        return state

    def _reopen(self, folder: FolderState, operation: str) -> None:
        if self._select(folder.name, operation, is_read_only=True).uid_validity != folder.uid_validity:
            raise self.errors.renumbered_error(operation)

    def _select(self, name: str, operation: str, *, is_read_only: bool) -> FolderState:
        session, lister = self._session, self._lister
        if session is None or lister is None:
            raise self.errors.not_connected_error(operation)
        verb = "EXAMINE" if is_read_only else "SELECT"
        self._selected = session.exists = None
        raw = lister.raw_names.get(name) or encoded_name(name)
        try:
            stated = read_folder_numbers(session.run(f"{verb} {quoted(raw)}"))
        except ServerRefused as error:
            raise self.errors.refused_error(str(error), "open") from error
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
    def mapping_errors(self, operation: str) -> Iterator[None]:
        """Raise a ProviderError for what a connection or a server does wrong in the block."""
        try:
            yield
        except ProviderError:
            raise
        except Exception as error:
            if known := self.mapped_error(error, operation):
                raise known from error
            raise

    def mapped_error(self, error: Exception, operation: str) -> ProviderError | None:
        """Return the provider error for an exception, or None for a bug of ours; drops a broken connection."""
        was_connected = self._session is not None
        if not (isinstance(error, ServerRefused) and error.status == "NO"):
            self.drop()
        return self.errors.provider_error(error, operation, was_connected=was_connected)
