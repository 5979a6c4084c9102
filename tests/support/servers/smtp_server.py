"""A scripted SMTP server with TLS: records every command and mail, and answers any of them as its script says."""

import socket
import ssl
from base64 import b64decode
from collections.abc import Callable

from banxway.models.messages.outgoing import OutgoingMail
from tests.support.servers.tcp_server import TcpServer, reset

USERNAME, PASSWORD = "support@example.test", "pässword-canary-7"

_DEFAULTS = {
    "GREETING": "220 smtp.example.test",
    "EHLO": "250-smtp.example.test\r\n250-SIZE 1000000\r\n{starttls}250 AUTH PLAIN LOGIN",
    "STARTTLS": "220 go ahead",
    "AUTH": None,
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "END": "250 2.0.0 taken",
    "RSET": "250 2.0.0 forgotten",
    "QUIT": "221 bye",
}


def outgoing_mail(**changes: object) -> OutgoingMail:
    """Make a mail of the server's user, ready to be sent."""
    fields = {
        "message_id": "<m1@banxway.example>",
        "sender": USERNAME,
        "sender_name": None,
        "to": "asha@example.org",
        "subject": "Your visit",
        "text": "Hello",
    }
    given = fields | changes
    to = given["to"]
    return OutgoingMail(**given | {"to": (to,) if isinstance(to, str) else to})


class ScriptedSmtp(TcpServer):
    """Records commands and mails, and answers as scripted.

    `replies` replace the usual ones by verb ("END" follows the mail's last dot) or by the whole command in lower
    case. A reply may also be CLOSE, RESET or HANG; of a list of replies each is used once, and the last one always.
    Only what ended with a dot on a line of its own counts as a mail, and only what was not refused then as accepted.
    """

    def __init__(
        self, context: ssl.SSLContext, *, is_implicit: bool = False, **replies: str | list[str]
    ) -> None:
        super().__init__(self._talk)
        self._context = context
        self._is_implicit = is_implicit
        self._replies = _DEFAULTS | replies
        self.on_command: Callable[[], object] = lambda: None
        self.on_mail: Callable[[], object] = lambda: None
        self.commands: list[str] = []
        self.spoken_in_the_clear: list[str] = []
        self.mails: list[bytes] = []
        self.taken: list[bytes] = []

    def _talk(self, connection: socket.socket) -> None:
        if self._is_implicit:
            connection = self.secure(connection, self._context)
        stream = connection.makefile("rb")
        self._reply(connection, "GREETING")
        while line := stream.readline():
            command = line.rstrip(b"\r\n").decode("utf-8", "replace")
            verb = command.partition(" ")[0].upper()
            self.commands.append(command)
            self.on_command()
            if not isinstance(connection, ssl.SSLSocket):
                self.spoken_in_the_clear.append(command)
            if verb == "AUTH" and self._replies["AUTH"] is None:
                self._authenticate(connection, stream, command)
                continue
            said = self._reply(connection, command.lower() if command.lower() in self._replies else verb)
            if verb == "STARTTLS" and said.startswith("220"):
                connection = self.secure(connection, self._context)
                stream = connection.makefile("rb")
            if verb == "DATA" and said.startswith("354"):
                self._receive(connection, stream)
            if verb == "QUIT":
                break
        connection.close()

    def _authenticate(self, connection: socket.socket, stream, command: str) -> None:
        words = command.split()
        if words[1] == "LOGIN":
            given = []
            for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                connection.sendall(prompt)
                given.append(b64decode(stream.readline()).decode())
        else:
            given = b64decode(words[2]).decode().split("\0")[1:]
        is_right = given == [USERNAME, PASSWORD]
        connection.sendall(b"235 welcome\r\n" if is_right else b"535 Authentication failed\r\n")

    def _receive(self, connection: socket.socket, stream) -> None:
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line)
        mail = b"".join(lines)
        self.mails.append(mail)
        self.on_mail()
        answer = self._chosen("END")
        # With a 4xx or 5xx it keeps nothing (RFC 5321, 4.2.5); whatever else it says or does, it has the mail.
        if not answer.startswith(("4", "5")):
            self.taken.append(mail)
        self._say(connection, answer)

    def _reply(self, connection: socket.socket, verb: str) -> str:
        """Write the scripted answer to this connection's command, and return it."""
        answer = self._chosen(verb)
        self._say(connection, answer)
        return answer

    def _chosen(self, verb: str) -> str:
        scripted = self._replies.get(verb, "500 what?")
        if isinstance(scripted, list):
            scripted = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        return scripted

    def _say(self, connection: socket.socket, text: str) -> None:
        if text == "HANG":
            self.hang(connection)
        if text == "RESET":
            reset(connection)
        if text == "CLOSE":
            connection.shutdown(socket.SHUT_RDWR)
        if text in ("RESET", "CLOSE"):
            raise ConnectionAbortedError
        is_secured = isinstance(connection, ssl.SSLSocket)
        text = text.replace("{starttls}", "" if is_secured else "250-STARTTLS\r\n")
        for line in text.split("\r\n"):
            connection.sendall(line.encode() + b"\r\n")
