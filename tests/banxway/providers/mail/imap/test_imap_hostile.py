"""A malicious server costs limited memory and work at every step of a poll, and its account fails with an error.

reference/threats-and-faults.md, threat 32. The limits are `ImapLimits`, with small values here so that the tests
reach them. Time limits a server that sends little without end; bytes limit any other.
"""

import tracemalloc
from itertools import chain, repeat

import pytest

from banxway.errors import ProviderError
from banxway.providers.mail.imap.mailbox import ImapMailbox
from tests.support.timing.clocks import SetClock, TickingClock

_BYTES_OF_AN_ANSWER = 2**20 + 2**17
_BYTES_OF_THREE_MAILS = 7 * 2**20 + 2**17
"""The bytes allowed for mails of unknown size: twice the assumed size of each, and some slack."""

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
    "dripping": (b"* OK ", b"x"),
}


def fetch_all(mailbox: ImapMailbox) -> None:
    mailbox.open("INBOX")
    list(mailbox.fetch([3, 5, 9]))


def look(mailbox: ImapMailbox, at) -> None:
    mailbox.open("INBOX")
    at()


@pytest.mark.parametrize("flood", _FLOODS)
@pytest.mark.parametrize("step", _STEPS)
def test_an_endless_answer_costs_bounded_memory_and_time(mailbox_at, start_imap, step: str, flood: str):
    server = start_imap(says={step: chain([_FLOODS[flood][0]], repeat(_FLOODS[flood][1]))})
    mailbox = mailbox_at(server.port, clock=TickingClock(1.0) if flood == "dripping" else SetClock())
    tracemalloc.start()

    with pytest.raises(ProviderError):
        _STEPS[step](mailbox)

    mailbox.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert server.connections == 1
    assert server.bytes_received < (_BYTES_OF_THREE_MAILS if step == "UID FETCH" else _BYTES_OF_AN_ANSWER)
    assert peak < 3_000_000
