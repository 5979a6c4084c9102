"""A server that means harm, at every step of a poll: it costs bounded memory and time, and the account fails plainly.

threats-and-faults.md, threat 32. What it may cost is `ImapLimits`, made small here so that a test reaches it.
"""

import socket
import time
import tracemalloc
from dataclasses import replace

import pytest

from banxway.errors import ProviderError
from banxway.providers.mail.imap import ImapMailbox
from tests.support.imap_server import TIGHT_LIMITS, ScriptedImap

_LIMITS = replace(TIGHT_LIMITS, answer_timeout_s=0.3, slowest_bytes_per_s=10**9)
_STEPS = {
    "CAPABILITY": lambda mailbox: mailbox.open("INBOX"),
    "AUTHENTICATE": lambda mailbox: mailbox.open("INBOX"),
    "LIST": lambda mailbox: mailbox.folders(),
    "EXAMINE": lambda mailbox: mailbox.open("INBOX"),
    "UID FETCH": lambda mailbox: fetch_all(mailbox),
    "UID SEARCH": lambda mailbox: look(mailbox, mailbox.uids),
    "UID STORE": lambda mailbox: mailbox.mark_seen("INBOX", [3]),
    "IDLE": lambda mailbox: look(mailbox, lambda: mailbox.wait_for_news(seconds=1)),
}
_FLOODS = {
    "endless_line": (b"* ", b"x" * 65_536),
    "endless_lines": (b"", b"* OK still here\r\n" * 4_000),
    "endless_empty_lines": (b"", b"\r\n" * 4_000),
    "endless_literal": (b"* 1 FETCH (UID 3 BODY[] {4294967296}\r\n", b"x" * 65_536),
    "endless_literals": (b"", b"* 1 FETCH (UID 3 BODY[] {90000}\r\n" + b"x" * 90_000 + b")\r\n"),
    "endless_folders": (b"", b'* LIST () "/" "' + b"y" * 1000 + b'"\r\n'),
    "endless_parentheses": (b"* 1 FETCH ", b"(" * 65_536),
    "dripping": (b"* OK ", b""),
}


def fetch_all(mailbox: ImapMailbox) -> None:
    mailbox.open("INBOX")
    list(mailbox.fetch([3, 5, 9]))


def look(mailbox: ImapMailbox, at) -> None:
    mailbox.open("INBOX")
    at()


class FloodingImap(ScriptedImap):
    """Answers one command with bytes that never end."""

    flood: tuple[str, bytes, bytes] = ("", b"", b"")

    def _say(self, connection: socket.socket, raw: bytes | str, tag: str) -> None:
        if raw != "FLOOD":
            super()._say(connection, raw, tag)
            return
        _, beginning, more = self.flood
        connection.sendall(beginning)
        while not self.stopping.wait(0 if more else 0.05):
            connection.sendall(more or b"x")


@pytest.mark.parametrize("flood", _FLOODS)
@pytest.mark.parametrize("step", _STEPS)
def test_an_endless_answer_costs_bounded_memory_and_time(
    server_context, mailbox_at, start_imap, step: str, flood: str
):
    script = start_imap().script
    script.says[step] = "FLOOD"
    with FloodingImap(server_context, script) as server:
        server.flood = (step, *_FLOODS[flood])
        mailbox = mailbox_at(server.port, limits=_LIMITS)
        tracemalloc.start()
        began = time.monotonic()

        with pytest.raises(ProviderError):
            _STEPS[step](mailbox)

        mailbox.close()
        took, peak = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert took < 30  # an endless answer takes for ever; tracing memory takes most of the time
    assert peak < 3_000_000
