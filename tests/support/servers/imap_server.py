"""A scripted IMAP server with TLS: answers as the sandbox's does, records every command, and fails as scripted."""

import re
import socket
import ssl
from asyncio import IncompleteReadError
from base64 import b64decode
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from banxway.providers.mail.imap.stream import ImapLimits
from banxway.providers.mail.mixups import Patience
from local.sandbox.mailbox.imap.folders import FOLDER_COMMANDS, authenticate
from local.sandbox.mailbox.imap.messages import MESSAGE_COMMANDS, fetch
from local.sandbox.mailbox.imap.session import Logins, Session
from local.sandbox.mailbox.imap.wire import Command, read_line, text
from local.sandbox.mailbox.post_office import Mailbox, PostOffice
from local.sandbox.mailbox.store import Folder, MailStore
from tests.support.servers.tcp_server import TcpServer, reset, says_no_more
from tests.support.timing.waiting import PATIENCE_S

Said = bytes | str | Iterable[bytes]
USERNAME, PASSWORD = "support@example.test", "pässword-canary-7"
ZOHO_CAPABILITIES = Session.capabilities
PATIENT_LIMITS = ImapLimits(
    connect_timeout_s=PATIENCE_S,
    answer_timeout_s=PATIENCE_S,
    silence_timeout_s=PATIENCE_S,
    liveness_timeout_s=PATIENCE_S,
    patience=Patience(silence_s=PATIENCE_S, step_s=PATIENCE_S),
)
"""No answer comes too late on a slow machine."""
TIGHT_LIMITS = replace(
    PATIENT_LIMITS,
    trusted_for_s=0,
    max_literal_bytes=100_000,
    max_lines=2000,
    max_answer_bytes=1_000_000,
    max_short_answer_bytes=500_000,
    batch_bytes=10_000,
    batch_messages=5,
    alone_bytes=8_000,
)
"""Little work, so that a test reaches it soon."""


@dataclass
class Script:
    """The server's mails, and its unusual answers.

    `says` maps a verb to raw bytes in which `{tag}` is the command's tag, to pieces of them, or to CLOSE, RESET or
    HANG. `folders` are added to the usual ones, each with its attributes. `cut_fetch_after` resets within a FETCH of
    bodies, `cuts` times or each time; `cuts_of_uid` resets before the body of this mail. `idle_says` is sent during
    IDLE, piece by piece.
    """

    mails: Mapping[int, bytes] = field(default_factory=dict)
    capabilities: str = ZOHO_CAPABILITIES
    greeting: Said = b"* OK ready\r\n"
    folders: Mapping[str, str] = field(default_factory=dict)
    says: dict[str, Said] = field(default_factory=dict)
    cut_fetch_after: int | None = None
    cuts: int | None = None
    cuts_of_uid: int | None = None
    idle_says: tuple[bytes, ...] = ()
    is_implicit: bool = True


class ScriptedImap(TcpServer):
    """Has one user, whose mail is in `store`.

    `commands` are recorded without tags and without passwords; `table` maps each command to its function.
    """

    def __init__(self, context: ssl.SSLContext, script: Script) -> None:
        super().__init__(self._talk)
        self.context, self.script = context, script
        self.commands: list[str] = []
        self.spoken_in_the_clear: list[str] = []
        self.store = MailStore(Path(":memory:"))
        self._office = PostOffice(self.store, [Mailbox(USERNAME, PASSWORD)])
        # The functions of all commands, except those that only a script changes.
        self.table = {
            **FOLDER_COMMANDS,
            **MESSAGE_COMMANDS,
            "AUTHENTICATE": ("nothing", _authenticate),
            "IDLE": ("login", _idle),
            "UID FETCH": ("folder", _fetch),
        }
        for name, attributes in script.folders.items():
            self.store.create(USERNAME, name, attribute=attributes)
        last = max(script.mails, default=0)
        self.put(*(script.mails.get(uid, b"") for uid in range(1, last + 1)))
        self.store.expunge(self.folder().id, set(range(1, last)) - set(script.mails))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.store.close()

    @property
    def asked(self) -> list[str]:
        """The commands apart from those that every login takes."""
        return [one for one in self.commands if not one.startswith(("CAPABILITY", "AUTHENTICATE"))]

    def folder(self, name: str = "INBOX") -> Folder:
        """Return a folder's present state."""
        found = self.store.find(USERNAME, name)
        assert found is not None, name
        return found

    def put(self, *raws: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder, as somebody who writes to the user does."""
        for raw in raws:
            self.store.append(self.folder(folder), raw)

    def flag(self, uid: int, *flags: str) -> None:
        """Set a mail's flags, as another client does."""
        self.store.set_flags(self.folder().id, uid, flags)

    def flagged(self, folder: str = "INBOX") -> dict[int, set[str]]:
        """Return the flags of those mails that have some."""
        messages = self.store.messages(self.folder(folder).id)
        return {message.uid: set(message.flags) for message in messages if message.flags}

    def note(self, line: str, *, is_secured: bool) -> None:
        """Record a line that a client said, unless it is part of a login."""
        tag, _, command = line.partition(" ")
        if command or tag == "DONE":
            self.commands.append(re.sub(r"(AUTHENTICATE PLAIN) .*", r"\1", command or tag))
            self.spoken_in_the_clear += [] if is_secured else [command]

    def _talk(self, connection: socket.socket) -> None:
        if self.script.is_implicit:
            connection = self.secure(connection, self.context)
        _finish(_ScriptedSession(self, self._office, Wire(self, connection)).run())


class Wire:
    """A client's connection: the reader and the writer of a session, which never let others run."""

    def __init__(self, server: ScriptedImap, connection: socket.socket) -> None:
        self.transport = self
        self.pending = bytearray()
        self.is_held = False
        self._server, self._heard = server, 0
        self._read_from(connection)

    def _read_from(self, connection: socket.socket) -> None:
        self.connection, self._stream = connection, connection.makefile("rb")

    async def readuntil(self, end: bytes) -> bytes:
        says_no_more(self.connection, self._heard)
        line = self._stream.readline()
        if not line.endswith(end):
            raise IncompleteReadError(line, None)
        self._heard += 1
        is_secured = isinstance(self.connection, ssl.SSLSocket)
        self._server.note(line.decode("utf-8", "replace").rstrip("\r\n"), is_secured=is_secured)
        return line

    def write(self, content: bytes) -> None:
        self.pending += content

    async def drain(self) -> None:
        if not self.is_held:
            content, self.pending = self.pending, bytearray()
            self.connection.sendall(content)

    def play(self, said: Said, tag: str = "") -> None:
        """Write a script's answer, or break off as it says."""
        if said == "HANG":
            self._server.hang(self.connection)
        if said == "RESET":
            reset(self.connection)
        if said == "CLOSE":
            self.connection.shutdown(socket.SHUT_RDWR)
        if isinstance(said, str):
            raise ConnectionAbortedError
        for piece in (said,) if isinstance(said, bytes) else said:
            self.connection.sendall(piece.replace(b"{tag}", tag.encode()))

    def secure(self) -> None:
        self._stream.close()
        self._read_from(self._server.secure(self.connection, self._server.context))

    def close(self) -> None:
        self._stream.close()

    abort = close


class _ScriptedSession(Session):
    def __init__(self, server: ScriptedImap, office: PostOffice, wire: Wire) -> None:
        streams: dict[str, Any] = {"reader": wire, "writer": wire}
        super().__init__(office, logins=Logins(most=1000), table=server.table, **streams)
        self.script, self.wire = server.script, wire

    @property
    def capabilities(self) -> str:  # type: ignore[override]
        is_secured = isinstance(self.wire.connection, ssl.SSLSocket)
        return self.script.capabilities + ("" if is_secured else " STARTTLS")

    def greet(self) -> None:
        self.wire.play(self.script.greeting)

    async def answer(self, command: Command) -> bool:
        if command.name in self.script.says:
            self.wire.play(self.script.says[command.name], command.tag)
        elif command.name == "STARTTLS":
            self.wire.play(b"{tag} OK go\r\n", command.tag)
            self.wire.secure()
        else:
            return await super().answer(command)
        return True


async def _authenticate(session: Session, command: Command) -> str:
    """AUTHENTICATE LOGIN, which Zoho does not offer, besides PLAIN."""
    if text(command.arguments[0]).upper() != "LOGIN":
        return await authenticate(session, command)
    given = []
    for _ in range(2):
        session.say("+ VXNlcg==")
        await session.writer.drain()
        given.append(b64decode(await read_line(session.reader) or b"").decode())
    session.log_in(*given)
    session.say(f"* CAPABILITY {session.capabilities}")
    return "OK Success"


async def _idle(session: "_ScriptedSession", command: Command) -> str:  # type: ignore[misc]
    """IDLE: tells what the script says, and news only at its end."""
    del command
    script = session.script
    session.wire.play((b"+ idling\r\n", *script.idle_says))
    script.idle_says = ()
    await read_line(session.reader)
    return "OK IDLE terminated"


async def _fetch(session: "_ScriptedSession", command: Command) -> None:  # type: ignore[misc]
    """UID FETCH, cut off where the script says so."""
    wire, script = session.wire, session.script
    wire.is_held = True
    await fetch(session, command)
    wire.is_held = False
    if "BODY.PEEK[]" not in str(command.arguments):
        return
    cut_at = script.cut_fetch_after if script.cuts != 0 else None
    if script.cuts_of_uid and (
        found := re.search(rb"\* \d+ FETCH \(UID %d " % script.cuts_of_uid, wire.pending)
    ):
        cut_at = found.start()
    if cut_at is not None:
        script.cuts = script.cuts - 1 if script.cuts is not None else None
        wire.play(bytes(wire.pending[:cut_at]))
        wire.play("RESET")


def _finish(session: Coroutine[Any, Any, None]) -> None:
    """Run a session that waits for its client only, in this thread."""
    try:
        session.send(None)
    except StopIteration:
        return
    raise AssertionError("a scripted session waits for somebody else")
