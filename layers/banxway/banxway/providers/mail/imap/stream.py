"""Sends commands and reads answers over one IMAP connection, within limits of bytes, lines and time.

It replaces imaplib: a fetched mail passes through no line parser, and at most one command is ever unanswered
(reference/mail.md, 1.4 and 9: Zoho ends connections on which commands are piled up).
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
from banxway.providers.mail.transport import AnswerTooLarge, GuardedReader, refuse_control_characters

_MIB = 1024 * 1024
_CAPABILITIES = re.compile(rb"\[CAPABILITY ([^\]]*)\]", re.IGNORECASE)
_STATUS_WORDS = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")


@dataclass(frozen=True, slots=True)
class ImapLimits:
    """The most that a mail server may cost: seconds per step, bytes per answer.

    `max_answer_bytes` limits an answer with a line per message, `max_short_answer_bytes` any other except mails.
    `answer_timeout_s` limits one command's whole answer, plus the time that its bytes take at `slowest_bytes_per_s`;
    `silence_timeout_s` limits any pause within it. A connection that answered within `trusted_for_s` counts as alive.
    `batch_bytes` and `batch_messages` limit one FETCH as far as sizes are known; a mail over `alone_bytes` is fetched
    in a FETCH of its own. IDLE is renewed after `idle_renewal_s`, before gateways drop the connection (a NAT gateway
    does after 350 s) and long before the 29 minutes of RFC 2177.
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

    `exists` is the server's last count of mails in the open folder, or None if it has not stated one.
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
        self.switch_to(connected)

    def switch_to(self, connected: socket.socket) -> None:
        """Read from this socket from now on, and drop everything that was read from the previous one."""
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
        """Read the first line and return its status: OK or PREAUTH. Raises Unreadable for another protocol."""
        line = self._line()
        word = line[2:].partition(b" ")[0].upper()
        if not line.startswith(b"* ") or word not in (b"OK", b"BYE", b"PREAUTH"):
            raise Unreadable("not an IMAP server")
        for _ in self._untagged(line[2:]):
            pass
        return word

    def run(self, command: str, *, line_bytes: int = 0) -> list[Answer]:
        """Run a command to its tagged OK and return the untagged answers in the order they came.

        `line_bytes` allows longer lines, and an answer of as many bytes, than the limits otherwise do.
        """
        self.send(command, max_bytes=max(line_bytes, self._limits.max_short_answer_bytes))
        self._reader.max_line_bytes = line_bytes or self._limits.max_line_bytes
        return list(self.answers())

    def send(self, command: str, *, max_bytes: int, expected_bytes: int = 0) -> str:
        """Send a command and return its tag; the unread answer to an earlier command is read and dropped first.

        The answer may have `max_bytes`, and takes extra time for `expected_bytes`.
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

    def has_unread_answer_to(self, tag: str) -> bool:
        """Return whether the answer to the command with this tag is still to be read."""
        return self._unanswered == tag

    def answers(self) -> Iterator[Answer]:
        """Yield the untagged answers to the command that was sent last, until its tagged OK.

        The time limit starts with the first read. Raises ServerRefused for a tagged NO or BAD.
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
        """Return the next untagged answer, or None if none came in these seconds; a partly read line is kept."""
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
        """Wait for the server's `+` and return the answers before it. Raises ServerRefused for NO or BAD instead."""
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
        """Send the line that the server's `+` asks for."""
        self._write(refuse_control_characters("imap_argument", line).encode() + b"\r\n")

    def is_alive(self) -> bool:
        """Return whether the server answers NOOP; after a recent answer it is not asked.

        The wait is short, because a connection that a router dropped stays silent.
        """
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
        """Close the socket; does nothing if it is closed already."""
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
        if word in _STATUS_WORDS:  # text for people, in which {12} does not announce a literal
            self._update_capabilities(_CAPABILITIES.search(text))
            yield Answer([text])
        elif word == b"CAPABILITY":
            self._set_capabilities(text[len(word) :])
        else:
            self._update_count(text[:20])
            yield self._with_literals(text)

    def _update_count(self, text: bytes) -> None:
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
                raise AnswerTooLarge("the server announced too large a mail")
            texts.append(before_literal(text))
            literals.append(self._reader.read(size))
            text = self._line()
        texts.append(text)
        return Answer(texts, literals)

    def _finish(self, status_and_text: bytes) -> None:
        self._unanswered = None
        self.last_answer_at = self._clock.monotonic()
        status, _, text = status_and_text.partition(b" ")
        self._update_capabilities(_CAPABILITIES.search(text))
        if status.upper() != b"OK":
            raise ServerRefused(status.decode("ascii", "replace").upper(), text.decode("utf-8", "replace"))

    def _update_capabilities(self, found: re.Match[bytes] | None) -> None:
        if found:
            self._set_capabilities(found[1])

    def _set_capabilities(self, words: bytes) -> None:
        self.capabilities = frozenset(words.decode("ascii", "replace").upper().split())

    def _write(self, line: bytes) -> None:
        # Reading may have left a shorter timeout on the socket.
        self._socket.settimeout(self._limits.silence_timeout_s)
        self._socket.sendall(line)

    def _begin_budget(self, max_bytes: int, expected_bytes: int) -> None:
        limits = self._limits
        self._reader.begin(
            max_bytes=max_bytes,
            max_lines=limits.max_lines,
            seconds=limits.answer_timeout_s + expected_bytes / limits.slowest_bytes_per_s,
        )
