"""A scripted IMAP server with TLS over a set of mails: records every command, and misbehaves as told."""

import re
import socket
import ssl
from base64 import b64decode
from dataclasses import dataclass, field

from banxway.providers.mail.imap_stream import ImapLimits
from tests.support.tcp_server import TcpServer, reset

USERNAME, PASSWORD = "support@example.test", "pässword-canary-7"
ZOHO_CAPABILITIES = (
    "IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH"
    " LIST-EXTENDED LIST-STATUS WITHIN LITERAL- ACL CONDSTORE"
)
TIGHT_LIMITS = ImapLimits(
    connect_timeout_s=5,
    answer_timeout_s=4,
    silence_timeout_s=1.5,
    liveness_timeout_s=1,
    trusted_for_s=0,
    max_literal_bytes=100_000,
    max_lines=2000,
    max_answer_bytes=1_000_000,
    max_short_answer_bytes=500_000,
    batch_bytes=10_000,
    batch_messages=5,
    alone_bytes=8_000,
)
"""So that a test reaches them soon."""
_DATE = "17-Jul-2026 02:44:25 -0700"
_ID_FIELD = re.compile(rb"^message-id:[^\r]*", re.IGNORECASE | re.MULTILINE)


@dataclass
class Script:
    """What the server holds, and what it says instead of the usual: `says` maps a verb to raw bytes in which
    `{tag}` is the command's tag, or to CLOSE, RESET or HANG. `cut_fetch_after` resets within a FETCH of bodies,
    `cuts` times, or for ever; `cuts_of_uid` resets before this mail's body. `idle_says` is sent once IDLE is on,
    piece by piece."""

    mails: dict[int, bytes] = field(default_factory=dict)
    capabilities: str = ZOHO_CAPABILITIES
    greeting: bytes | str = b"* OK ready\r\n"
    folders: tuple[str, ...] = ("INBOX", "Sent", "Spam")
    attributes: dict[str, str] = field(default_factory=dict)
    uid_validity: int = 7
    modseq: int = 10
    flags: dict[int, str] = field(default_factory=dict)
    says: dict[str, bytes | str] = field(default_factory=dict)
    cut_fetch_after: int | None = None
    cuts: int | None = None
    cuts_of_uid: int | None = None
    idle_says: tuple[bytes, ...] = ()
    is_implicit: bool = True


class ScriptedImap(TcpServer):
    """Knows one user. `commands` are recorded without tags and without passwords that were sent at once."""

    def __init__(self, context: ssl.SSLContext, script: Script) -> None:
        super().__init__(self._talk)
        self._context = context
        self.script = script
        self.commands: list[str] = []
        self.spoken_in_the_clear: list[str] = []

    @property
    def asked(self) -> list[str]:
        """The commands apart from those that every login takes."""
        return [one for one in self.commands if not one.startswith(("CAPABILITY", "AUTHENTICATE"))]

    def _talk(self, connection: socket.socket) -> None:
        if self.script.is_implicit:
            connection = self.secure(connection, self._context)
        stream = connection.makefile("rb")
        self._say(connection, self.script.greeting, "")
        while line := stream.readline():
            tag, _, command = line.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
            self.commands.append(re.sub(r"(AUTHENTICATE PLAIN) .*", r"\1", command))
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

    # -- logging in ----------------------------------------------------------------------------------------

    def _capability(self, connection, stream, tag, words) -> None:
        is_secured = isinstance(connection, ssl.SSLSocket)
        offered = self.script.capabilities + ("" if is_secured else " STARTTLS")
        self._say(connection, f"* CAPABILITY {offered}\r\n{tag} OK done\r\n".encode(), tag)

    def _starttls(self, connection, stream, tag, words) -> None:
        self._say(connection, b"{tag} OK go\r\n", tag)

    def _authenticate(self, connection, stream, tag, words) -> None:
        if words[1] == "PLAIN":
            if len(words) == 2:
                connection.sendall(b"+ \r\n")
            response = words[2].encode() if len(words) > 2 else stream.readline()
            given = b64decode(response).decode().split("\0")[1:]
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
            self._capability(connection, None, "*", [])
            self._say(connection, b"{tag} OK welcome\r\n", tag)
        else:
            self._say(connection, b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n", tag)

    # -- folders -------------------------------------------------------------------------------------------

    def _list(self, connection, stream, tag, words) -> None:
        lines = []
        for name in self.script.folders:
            attributes = self.script.attributes.get(name, "\\HasNoChildren")
            lines.append(f'* LIST ({attributes}) "/" "{name}"\r\n')
            if "RETURN" in words:
                lines.append(self._status_line(name, " ".join(words).partition("STATUS (")[2].rstrip(")")))
        lines.append('* LIST (\\Noselect \\HasChildren) "/" "Elsewhere"\r\n')
        self._say(connection, "".join(lines).encode() + b"{tag} OK done\r\n", tag)

    def _status(self, connection, stream, tag, words) -> None:
        asked = " ".join(words)
        line = self._status_line(words[1].strip('"'), asked.partition("(")[2].rstrip(")"))
        self._say(connection, line.encode() + b"{tag} OK done\r\n", tag)

    def _status_line(self, name: str, items: str) -> str:
        mails = self.script.mails if name == "INBOX" else {}
        known = {
            "MESSAGES": len(mails),
            "UIDNEXT": max(mails, default=0) + 1,
            "UIDVALIDITY": self.script.uid_validity,
            "UNSEEN": sum("\\Seen" not in self.script.flags.get(uid, "") for uid in mails),
            "HIGHESTMODSEQ": self.script.modseq,
        }
        return f'* STATUS "{name}" ({" ".join(f"{item} {known[item]}" for item in items.split())})\r\n'

    def _examine(self, connection, stream, tag, words) -> None:
        if " ".join(words[1:]).strip('"') not in self.script.folders:
            self._say(connection, b"{tag} NO no such folder\r\n", tag)
            return
        mails = self.script.mails
        lines = (
            f"* {len(mails)} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n"
            f"* OK [UIDVALIDITY {self.script.uid_validity}] ok\r\n"
            f"* OK [UIDNEXT {max(mails, default=0) + 1}] ok\r\n"
            f"* OK [HIGHESTMODSEQ {self.script.modseq}] ok\r\n"
        )
        mode = b"READ-ONLY" if words[0] == "EXAMINE" else b"READ-WRITE"
        self._say(connection, lines.encode() + b"{tag} OK [" + mode + b"] done\r\n", tag)

    _select = _examine

    # -- mails ---------------------------------------------------------------------------------------------

    def _uid_fetch(self, connection, stream, tag, words) -> None:
        uids, items = self._asked_uids(words[2]), " ".join(words[3:])
        if "CHANGEDSINCE" in items:
            uids = [uid for uid in uids if uid in self.script.flags]
        answer = b""
        for uid in uids:
            if uid == self.script.cuts_of_uid and "BODY.PEEK[]" in items:
                connection.sendall(answer)
                self._say(connection, "RESET", tag)
            answer += self._fetch_answer(uid, items)
        if "BODY.PEEK[]" in items and self.script.cut_fetch_after is not None and self.script.cuts != 0:
            self.script.cuts = self.script.cuts - 1 if self.script.cuts is not None else None
            connection.sendall(answer[: self.script.cut_fetch_after])
            self._say(connection, "RESET", tag)
        self._say(connection, answer + b"{tag} OK done\r\n", tag)

    def _fetch_answer(self, uid: int, items: str) -> bytes:
        raw = self.script.mails[uid]
        number = sorted(self.script.mails).index(uid) + 1
        said = [b"UID %d" % uid]
        if "FLAGS" in items:
            said.append(f"FLAGS ({self.script.flags.get(uid, '')})".encode())
        if "SIZE" in items:
            said.append(b"RFC822.SIZE %d" % len(raw))
        if "INTERNALDATE" in items:
            said.append(f'INTERNALDATE "{_DATE}"'.encode())
        if "HEADER.FIELDS" in items:
            found = _ID_FIELD.search(raw.partition(b"\r\n\r\n")[0])
            part = (found[0] + b"\r\n" if found else b"") + b"\r\n"
            said.append(b"BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s" % (len(part), part))
        elif "HEADER" in items:
            part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            said.append(b"BODY[HEADER]<0> {%d}\r\n%s" % (len(part), part))
        elif "BODY" in items:
            said.append(b"BODY[] {%d}\r\n%s" % (len(raw), raw))
        return b"* %d FETCH (%s)\r\n" % (number, b" ".join(said))

    def _uid_search(self, connection, stream, tag, words) -> None:
        mails = self.script.mails
        if "RETURN" in words:
            found = ",".join(str(uid) for uid in sorted(mails))
            line = f'* ESEARCH (TAG "{tag}") UID{f" ALL {found}" if found else ""}\r\n'
        else:
            part = words[-1].strip('"').encode()
            ids = {uid: _ID_FIELD.search(raw.partition(b"\r\n\r\n")[0]) for uid, raw in mails.items()}
            line = (
                "* SEARCH" + "".join(f" {uid}" for uid, one in ids.items() if one and part in one[0]) + "\r\n"
            )
        self._say(connection, line.encode() + b"{tag} OK done\r\n", tag)

    def _uid_store(self, connection, stream, tag, words) -> None:
        for uid in self._asked_uids(words[2]):
            self.script.flags[uid] = f"{self.script.flags.get(uid, '')} {words[4].strip('()')}".strip()
        self._say(connection, b"{tag} OK done\r\n", tag)

    def _idle(self, connection, stream, tag, words) -> None:
        connection.sendall(b"+ idling\r\n")
        for piece in self.script.idle_says:
            connection.sendall(piece)
            self.stopping.wait(0.02)  # so that pieces travel apart
        self.script.idle_says = ()
        if stream.readline().strip() == b"DONE":
            self.commands.append("DONE")
            self._say(connection, b"{tag} OK done\r\n", tag)

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
