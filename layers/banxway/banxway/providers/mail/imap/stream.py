"""Commands and answers over one IMAP connection, within bounds of bytes, lines and time.

Own reader instead of imaplib's: a fetched mail passes through no line parser, and at most one command is ever
unanswered (reference/mail.md, 1.4 and 9: Zoho ends connections on which commands are piled up).
"""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from banxway.clock import Clock
from banxway.providers.mail.imap.wire import (
    Answer,
    ServerHungUp,
    ServerRefused,
    Unreadable,
    before_literal,
    literal_size,
)
from banxway.providers.mail.mixups import Patience
from banxway.providers.mail.transport import GuardedReader, TooMuch, refuse_control_characters

_MIB = 1024 * 1024
_CAPABILITIES = re.compile(rb"\[CAPABILITY ([^\]]*)\]", re.IGNORECASE)
_STATUS_WORDS = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")


@dataclass(frozen=True, slots=True)
class ImapLimits:
    """What a mail server may cost: seconds per step, bytes per answer.

    `max_answer_bytes` is for a line per message, `max_short_answer_bytes` for all else but mails.
    `answer_timeout_s` bounds one command's whole answer, plus the time that its bytes take at
    `slowest_bytes_per_s`; `silence_timeout_s` bounds any pause within it. `batch_bytes` and `batch_messages`
    bound one FETCH as far as sizes are known beforehand; a mail over `alone_bytes` is fetched by itself. IDLE is
    renewed after `idle_renewal_s`, before gateways forget the connection (a NAT gateway does after 350 s) and
    long before the 29 minutes of RFC 2177.
    """

    patience: Patience = field(default_factory=Patience)
    connect_timeout_s: float = 10
    answer_timeout_s: float = 45
    silence_timeout_s: float = 20
    liveness_timeout_s: float = 5
    trusted_for_s: float = 2
    idle_renewal_s: float = 240
    slowest_bytes_per_s: int = 512 * 1024
    max_literal_bytes: int = 60 * _MIB
    max_line_bytes: int = 65536
    max_answer_bytes: int = 64 * _MIB
    max_short_answer_bytes: int = 4 * _MIB
    max_lines: int = 1_000_000
    batch_bytes: int = 8 * _MIB
    batch_messages: int = 200
    alone_bytes: int = 5 * _MIB


class ImapStream:
    """A connected socket that speaks IMAP. Raises OSError, ServerHungUp, ServerRefused, Unreadable.

    `exists` is how many mails the open folder has, as far as the server has told; None before it has.
    """

    def __init__(self, connected: socket.socket, limits: ImapLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._tags = 0
        self._unanswered: str | None = None
        self._budget_of_unanswered = (_MIB, 0)
        self.capabilities: frozenset[str] = frozenset()
        self.last_answer_at = 0.0
        self.exists: int | None = None
        self.read_from(connected)

    def read_from(self, connected: socket.socket) -> None:
        """Go on over this socket, with nothing of what came over another one."""
        limits = self._limits
        self._socket = connected
        self._reader = GuardedReader(
            connected,
            max_line_bytes=limits.max_line_bytes,
            read_timeout_s=limits.silence_timeout_s,
            clock=self._clock,
        )
        self.capabilities = frozenset()
        self._begin_budget(_MIB, 0)

    # -- commands ------------------------------------------------------------------------------------------

    def greeting(self) -> bytes:
        """Read the first line and return its word: OK or PREAUTH. Raises Unreadable for another protocol."""
        line = self._line()
        word = line[2:].partition(b" ")[0].upper()
        if not line.startswith(b"* ") or word not in (b"OK", b"BYE", b"PREAUTH"):
            raise Unreadable("not an IMAP server")
        for _ in self._untagged(line[2:]):
            pass
        return word

    def run(self, command: str, *, line_bytes: int = 0) -> list[Answer]:
        """Run a command to its tagged OK and return the untagged answers, in their order."""
        self.send(command, max_bytes=max(line_bytes, self._limits.max_short_answer_bytes))
        self._reader.max_line_bytes = line_bytes or self._limits.max_line_bytes
        return list(self.answers())

    def send(self, command: str, *, max_bytes: int, expected_bytes: int = 0) -> str:
        """Send a command and return its tag; an earlier one's unread answer is read first, and dropped.

        The answer may have `max_bytes`, and as much time as `expected_bytes` take.
        """
        refuse_control_characters("imap_argument", command)
        if self._unanswered is not None:
            with suppress(ServerRefused):
                for _ in self.answers():
                    pass
        self._tags += 1
        self._unanswered = f"A{self._tags}"
        self._budget_of_unanswered = (max_bytes, expected_bytes)
        self._reader.max_line_bytes = self._limits.max_line_bytes
        self._write(f"{self._unanswered} {command}\r\n".encode())
        return self._unanswered

    def owes_answer_to(self, tag: str) -> bool:
        """Whether this command's answer is still to be read."""
        return self._unanswered == tag

    def answers(self) -> Iterator[Answer]:
        """Yield the untagged answers of the command that was sent, to its tagged OK.

        Time runs only while this reads: whoever takes the answers slowly loses none of it.
        """
        tag = (self._unanswered or "").encode()
        self._begin_budget(*self._budget_of_unanswered)
        while True:
            line = self._line()
            if line.startswith(b"* "):
                yield from self._untagged(line[2:])
            elif tag and line.startswith(tag + b" "):
                self._finish(line[len(tag) + 1 :])
                return
            elif not line.startswith(b"+"):
                raise Unreadable("not an answer to what was asked")

    def wait_for_line(self, seconds: float) -> Answer | None:
        """Return the next untagged answer within this time, else None; a line that came in part is kept."""
        self._reader.begin(max_bytes=_MIB, max_lines=1000, seconds=max(seconds, 0.001))
        self._reader.read_timeout_s = max(seconds, 0.001)
        try:
            line = self._line()
        except TimeoutError:
            return None
        finally:
            self._reader.read_timeout_s = self._limits.silence_timeout_s
        if not line.startswith(b"* "):
            raise Unreadable("not news")
        return next(iter(self._untagged(line[2:])), None)

    def await_continuation(self) -> list[Answer]:
        """Return what was said before the server's `+`. Raises ServerRefused if it says NO or BAD instead."""
        tag = (self._unanswered or "").encode()
        self._begin_budget(_MIB, 0)
        news: list[Answer] = []
        while not (line := self._line()).startswith(b"+"):
            if line.startswith(tag + b" "):
                self._finish(line[len(tag) + 1 :])
                raise Unreadable("done before it began")
            if not line.startswith(b"* "):
                raise Unreadable("not an answer to what was asked")
            news.extend(self._untagged(line[2:]))
        return news

    def continue_with(self, line: str) -> None:
        """Send what the server's `+` asks for."""
        self._write(refuse_control_characters("imap_argument", line).encode() + b"\r\n")

    def is_alive(self) -> bool:
        """Ask for a sign of life; a connection that a router forgot stays silent, so the wait is short."""
        if (
            self._clock.monotonic() - self.last_answer_at < self._limits.trusted_for_s
            and not self._unanswered
        ):
            return True
        self._reader.read_timeout_s = self._limits.liveness_timeout_s
        try:
            self.run("NOOP")
        except (OSError, ValueError, ServerRefused):
            return False
        finally:
            self._reader.read_timeout_s = self._limits.silence_timeout_s
        return True

    def shutdown(self) -> None:
        """Close the socket; harmless when it is closed."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    # -- reading -------------------------------------------------------------------------------------------

    def _line(self) -> bytes:
        line = self._reader.readline()
        if not line.endswith(b"\n"):
            raise ServerHungUp("")
        return line.rstrip(b"\r\n")

    def _untagged(self, text: bytes) -> Iterator[Answer]:
        word = text.partition(b" ")[0].upper()
        if word == b"BYE":
            raise ServerHungUp(text[4:].decode("utf-8", "replace"))
        if word in _STATUS_WORDS:  # people's words, in which {12} is no literal
            self._note_capabilities(_CAPABILITIES.search(text))
            yield Answer([text])
        elif word == b"CAPABILITY":
            self._know(text[len(word) :])
        else:
            self._note_count(text[:20])
            yield self._with_literals(text)

    def _note_count(self, text: bytes) -> None:
        number, _, word = text.upper().partition(b" ")
        if word == b"EXISTS" and number.isdigit():
            self.exists = int(number)
        elif word == b"EXPUNGE" and self.exists:
            self.exists -= 1

    def _with_literals(self, text: bytes) -> Answer:
        texts: list[bytes] = []
        literals: list[bytes] = []
        while (size := literal_size(text)) is not None:
            if size > self._limits.max_literal_bytes:
                raise TooMuch("the server announced too large a mail")
            texts.append(before_literal(text))
            literals.append(self._reader.read(size))
            text = self._line()
        texts.append(text)
        return Answer(texts, literals)

    def _finish(self, status_and_text: bytes) -> None:
        self._unanswered = None
        self.last_answer_at = self._clock.monotonic()
        status, _, text = status_and_text.partition(b" ")
        self._note_capabilities(_CAPABILITIES.search(text))
        if status.upper() != b"OK":
            raise ServerRefused(status.decode("ascii", "replace").upper(), text.decode("utf-8", "replace"))

    def _note_capabilities(self, found: re.Match[bytes] | None) -> None:
        if found:
            self._know(found[1])

    def _know(self, words: bytes) -> None:
        self.capabilities = frozenset(words.decode("ascii", "replace").upper().split())

    def _write(self, line: bytes) -> None:
        # Reading may have left a shorter time-out on the socket.
        self._socket.settimeout(self._limits.silence_timeout_s)
        self._socket.sendall(line)

    def _begin_budget(self, max_bytes: int, expected_bytes: int) -> None:
        limits = self._limits
        self._reader.begin(
            max_bytes=max_bytes,
            max_lines=limits.max_lines,
            seconds=limits.answer_timeout_s + expected_bytes / limits.slowest_bytes_per_s,
        )
