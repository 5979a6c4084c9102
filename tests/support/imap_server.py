"""A scripted IMAP server with TLS over a set of mails: records every command, and misbehaves as told."""

import re
import socket
import ssl
from base64 import b64decode
from dataclasses import dataclass, field

from tests.support.tcp_server import TcpServer, reset

USERNAME, PASSWORD = "support@example.test", "pässword-canary-7"
ZOHO_CAPABILITIES = (
    "IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH"
    " LIST-EXTENDED LIST-STATUS WITHIN LITERAL- ACL CONDSTORE"
)


@dataclass
class Script:
    """What the server holds, and what it says instead of the usual: `says` maps a verb to raw bytes in which
    `{tag}` is the command's tag, or to CLOSE, RESET or HANG. `cut_fetch_after` resets within a FETCH."""

    mails: dict[int, bytes] = field(default_factory=dict)
    capabilities: str = ZOHO_CAPABILITIES
    greeting: bytes | str = b"* OK ready\r\n"
    folders: tuple[str, ...] = ("INBOX", "Sent", "Spam")
    uid_validity: int = 7
    says: dict[str, bytes | str] = field(default_factory=dict)
    cut_fetch_after: int | None = None
    is_implicit: bool = True


class ScriptedImap(TcpServer):
    """Knows one user. `commands` are recorded without tags, `tagged_lines` as they came."""

    def __init__(self, context: ssl.SSLContext, script: Script) -> None:
        super().__init__(self._talk)
        self._context = context
        self.script = script
        self.commands: list[str] = []
        self.spoken_in_the_clear: list[str] = []

    def _talk(self, connection: socket.socket) -> None:
        if self.script.is_implicit:
            connection = self.secure(connection, self._context)
        stream = connection.makefile("rb")
        self._say(connection, self.script.greeting, "")
        while line := stream.readline():
            tag, _, command = line.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
            self.commands.append(command)
            if not isinstance(connection, ssl.SSLSocket):
                self.spoken_in_the_clear.append(command)
            words = command.split(" ")
            verb = " ".join(words[:2]) if words[0] == "UID" else words[0]
            if verb in self.script.says:
                self._say(connection, self.script.says[verb], tag)
            else:
                answer = getattr(self, f"_{verb.lower().replace(' ', '_')}", self._unknown)
                answer(connection, stream, tag, words)
            if verb == "STARTTLS" and verb not in self.script.says:
                connection = self.secure(connection, self._context)
                stream = connection.makefile("rb")

    def _say(self, connection: socket.socket, raw: bytes | str, tag: str) -> None:
        if raw == "HANG":
            self.stopping.wait()
        if raw == "RESET":
            reset(connection)
        if raw == "CLOSE":
            connection.shutdown(socket.SHUT_RDWR)
        if isinstance(raw, str):
            raise ConnectionAbortedError
        connection.sendall(raw.replace(b"{tag}", tag.encode()))

    def _unknown(self, connection, stream, tag, words) -> None:
        self._say(connection, b"{tag} BAD what?\r\n", tag)

    def _capability(self, connection, stream, tag, words) -> None:
        is_secured = isinstance(connection, ssl.SSLSocket)
        offered = self.script.capabilities + ("" if is_secured else " STARTTLS")
        self._say(connection, f"* CAPABILITY {offered}\r\n{tag} OK done\r\n".encode(), tag)

    def _starttls(self, connection, stream, tag, words) -> None:
        self._say(connection, b"{tag} OK go\r\n", tag)

    def _authenticate(self, connection, stream, tag, words) -> None:
        if words[1] == "PLAIN":
            connection.sendall(b"+ \r\n")
            given = b64decode(stream.readline()).decode().split("\0")[1:]
        else:
            given = []
            for _ in range(2):
                connection.sendall(b"+ VXNlcg==\r\n")
                given.append(b64decode(stream.readline()).decode())
        self._judge(connection, tag, given)

    def _login(self, connection, stream, tag, words) -> None:
        self._judge(connection, tag, [re.sub(r"\\(.)", r"\1", word[1:-1]) for word in words[1:]])

    def _judge(self, connection, tag, given) -> None:
        if given == [USERNAME, PASSWORD]:
            # As Zoho does, an untagged answer before the tagged one.
            self._say(connection, b"* CAPABILITY IMAP4rev1\r\n{tag} OK welcome\r\n", tag)
        else:
            self._say(connection, b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n", tag)

    def _list(self, connection, stream, tag, words) -> None:
        lines = [f'* LIST (\\HasNoChildren) "/" "{name}"\r\n' for name in self.script.folders]
        lines.append('* LIST (\\Noselect \\HasChildren) "/" "Archive"\r\n')
        self._say(connection, "".join(lines).encode() + b"{tag} OK done\r\n", tag)

    def _status(self, connection, stream, tag, words) -> None:
        unseen = len(self.script.mails)
        self._say(connection, f'* STATUS "INBOX" (UNSEEN {unseen})\r\n{tag} OK done\r\n'.encode(), tag)

    def _examine(self, connection, stream, tag, words) -> None:
        if words[1].strip('"') not in self.script.folders:
            self._say(connection, b"{tag} NO no such folder\r\n", tag)
            return
        mails = self.script.mails
        lines = (
            f"* {len(mails)} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n"
            f"* OK [UIDVALIDITY {self.script.uid_validity}] ok\r\n"
            f"* OK [UIDNEXT {max(mails, default=0) + 1}] ok\r\n"
        )
        self._say(connection, lines.encode() + b"{tag} OK [READ-ONLY] done\r\n", tag)

    def _uid_fetch(self, connection, stream, tag, words) -> None:
        uids, items = self._asked_uids(words[2]), " ".join(words[3:])
        answer = b"".join(self._fetch_answer(uid, items) for uid in uids)
        if self.script.cut_fetch_after is not None and "BODY" in items:
            connection.sendall(answer[: self.script.cut_fetch_after])
            self._say(connection, "RESET", tag)
        self._say(connection, answer + b"{tag} OK done\r\n", tag)

    def _fetch_answer(self, uid: int, items: str) -> bytes:
        raw = self.script.mails[uid]
        number = sorted(self.script.mails).index(uid) + 1
        if "BODY" not in items:
            return f"* {number} FETCH (UID {uid} RFC822.SIZE {len(raw)})\r\n".encode()
        date = "17-Jul-2026 02:44:25 -0700"
        head = f'* {number} FETCH (UID {uid} INTERNALDATE "{date}" BODY[] {{{len(raw)}}}\r\n'
        return head.encode() + raw + b")\r\n"

    def _asked_uids(self, uid_set: str) -> list[int]:
        present = sorted(self.script.mails)
        asked: set[int] = set()
        for part in uid_set.split(","):
            first, _, last = part.partition(":")
            if last == "*":
                asked |= {uid for uid in present if uid >= int(first)} | set(present[-1:])
            else:
                asked |= set(range(int(first), int(last or first) + 1))
        return [uid for uid in present if uid in asked]

    def _noop(self, connection, stream, tag, words) -> None:
        self._say(connection, b"{tag} OK done\r\n", tag)

    def _logout(self, connection, stream, tag, words) -> None:
        self._say(connection, b"* BYE\r\n{tag} OK done\r\n", tag)
