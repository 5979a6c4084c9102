"""One IMAP connection: reads commands, runs them, and writes what changed meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from local.sandbox.mailbox.imap.view import View
from local.sandbox.mailbox.imap.wire import Bad, Command, No, Token, Unreadable, read_command, text
from local.sandbox.mailbox.post_office import PostOffice
from local.sandbox.mailbox.store import Folder

GREETING = "* OK svwall.zoho.com IMAP4 Server (Zoho Mail IMAP4rev1 Server version 1.0)"

Needs = Literal["nothing", "login", "folder"]
Act = Callable[["Session", Command], Awaitable[str | None]]
Table = Mapping[str, tuple[Needs, Act]]

# While a command uses sequence numbers, no message may be expunged (RFC 3501, section 7.4.1).
_COUNTED = ("FETCH", "STORE", "SEARCH", "COPY")


class Logins:
    """Counts connections per mailbox; more than `most` are refused (the guide: Zoho allows five)."""

    def __init__(self, most: int = 5) -> None:
        self.most = most
        self.open: dict[str, int] = {}

    def begin(self, email: str) -> None:
        """Count one more. Raises No when there are too many."""
        if self.open.get(email, 0) >= self.most:
            raise No("[LIMIT] Too many simultaneous connections")
        self.open[email] = self.open.get(email, 0) + 1

    def end(self, email: str) -> None:
        """Count one less."""
        self.open[email] -= 1


class Session:
    """One client's connection. `email` is set once it is logged in, `view` while a folder is selected."""

    # As Zoho announces it (reference/mail.md, 9). XLIST is answered as LIST, ACL only as far as MYRIGHTS.
    capabilities = (
        "IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH"
        " LIST-EXTENDED LIST-STATUS WITHIN LITERAL- ACL CONDSTORE"
    )

    def __init__(
        self,
        office: PostOffice,
        *,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        logins: Logins,
        table: Table,
    ) -> None:
        self.office = office
        self.store = office.store
        self.reader = reader
        self.writer = writer
        self.email: str | None = None
        self.view: View | None = None
        self.news = asyncio.Event()
        self._logins = logins
        self._table = table

    async def run(self) -> None:
        """Serve the connection until either side ends it."""
        self.store.watchers.add(self._changed)
        try:
            self.greet()
            while await self._answer_one():
                await self.writer.drain()
            await self.writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.writer.transport.abort()
        finally:
            self.store.watchers.discard(self._changed)
            if self.email is not None:
                self._logins.end(self.email)
            self.writer.close()

    def _changed(self, folder_id: int) -> None:
        if self.view is not None and self.view.folder_id == folder_id:
            self.view.has_news = True
            self.news.set()

    def greet(self) -> None:
        """Write the first line."""
        self.say(GREETING)

    def say(self, line: str) -> None:
        """Write one line."""
        self.writer.write(line.encode("utf-8", "surrogateescape") + b"\r\n")

    async def _answer_one(self) -> bool:
        """Answer one command; False after the last one."""
        try:
            command = await read_command(self.reader, self.writer)
        except Unreadable as unreadable:
            self.say(f"* BYE {unreadable}")
            return False
        except Bad as bad:
            self.say(f"* BAD {bad}")
            return True
        return command is not None and await self.answer(command)

    async def answer(self, command: Command) -> bool:
        """Answer a command; False if it was the last one."""
        try:
            done = await self._perform(command)
        except Bad as bad:
            self.say(f"{command.tag} BAD {bad}")
        except No as no:
            self.say(f"{command.tag} NO {no}")
        else:
            if command.name not in _COUNTED:
                self.write_news()
            self.say(f"{command.tag} {done or f'OK {command.name} completed'}")
        return command.name != "LOGOUT"

    def write_news(self) -> None:
        """Write what changed in the selected folder."""
        self.news.clear()
        if self.view is not None:
            for line in self.view.news():
                self.say(line)

    async def _perform(self, command: Command) -> str | None:
        if command.name not in self._table:
            raise Bad("unknown command")
        needs, act = self._table[command.name]
        if needs != "nothing" and self.email is None:
            raise Bad("log in first")
        if needs == "folder" and self.view is None:
            raise Bad("select a folder first")
        return await act(self, command)

    def log_in(self, email: str, password: str) -> str:
        """Log in and return the mailbox. Raises No with Zoho's words."""
        if self.email is not None:
            raise Bad("logged in already")
        refusal = self.office.refusal_of_login()
        if refusal:
            raise No(refusal)
        if not self.office.opens(email, password):
            raise No("[AUTHENTICATIONFAILED] Invalid credentials(Failure)")
        self._logins.begin(email.lower())
        self.email = email.lower()
        return self.email

    @property
    def mailbox(self) -> str:
        """Return the mailbox that is logged in. Raises Bad before the login."""
        if self.email is None:
            raise Bad("log in first")
        return self.email

    @property
    def selected(self) -> View:
        """Return the selected folder. Raises Bad without one."""
        if self.view is None:
            raise Bad("select a folder first")
        return self.view

    def folder(self, token: Token) -> Folder:
        """Return the mailbox's folder of this name. Raises No."""
        found = self.store.find(self.mailbox, text(token))
        if found is None:
            raise No("[NONEXISTENT] no such folder")
        return found
