"""SEARCH: which messages match (RFC 3501, 6.4.4; WITHIN, RFC 5032; MODSEQ, RFC 7162; ESEARCH, RFC 4731)."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from local.sandbox.mailbox.imap.sets import compact, is_set, members
from local.sandbox.mailbox.imap.wire import Bad, Token, text
from local.sandbox.mailbox.store import Stored

Matches = Callable[[Stored], bool]
Raw = Callable[[int], bytes]

_FLAGS = {
    "ANSWERED": "\\Answered",
    "DELETED": "\\Deleted",
    "DRAFT": "\\Draft",
    "FLAGGED": "\\Flagged",
    "SEEN": "\\Seen",
}
_HEADERS = ("FROM", "TO", "CC", "BCC", "SUBJECT")


class Search:
    """Turns search keys into one test. `raw` reads a message's bytes, only for keys that need them."""

    def __init__(self, tokens: Sequence[Token], *, uids: Sequence[int], raw: Raw) -> None:
        self._tokens = list(tokens)
        self._uids = uids
        self._raw = raw

    def matches(self) -> Matches:
        """Return the test for all keys. Raises Bad for a key that this server does not know."""
        tests: list[Matches] = []
        while self._tokens:
            tests.append(self._key())
        return lambda message: all(test(message) for test in tests)

    def _next(self) -> str:
        if not self._tokens:
            raise Bad("search key without its argument")
        return text(self._tokens.pop(0))

    def _key(self) -> Matches:
        if isinstance(self._tokens[0], list):
            return Search(self._tokens.pop(0), uids=self._uids, raw=self._raw).matches()
        key = self._next().upper()
        if key in ("NOT", "OR"):
            return self._combined(key)
        if key in ("ALL", "NEW", "OLD", "RECENT"):
            return lambda _: key in ("ALL", "OLD")
        if key in _FLAGS or key.removeprefix("UN") in _FLAGS:
            flag, wanted = _FLAGS[key if key in _FLAGS else key.removeprefix("UN")], key in _FLAGS
            return lambda message: (flag in message.flags) == wanted
        if key in ("KEYWORD", "UNKEYWORD"):
            keyword = self._next()
            return lambda message: (keyword in message.flags) == (key == "KEYWORD")
        if key == "UID" or is_set(key):
            return self._numbers(key)
        return self._attribute(key)

    def _combined(self, key: str) -> Matches:
        one = self._key()
        if key == "NOT":
            return lambda message: not one(message)
        other = self._key()
        return lambda message: one(message) or other(message)

    def _numbers(self, key: str) -> Matches:
        if key == "UID":
            uids = set(members(self._next(), self._uids))
        else:
            sequence = range(1, len(self._uids) + 1)
            uids = {self._uids[number - 1] for number in members(key, sequence)}
        return lambda message: message.uid in uids

    def _attribute(self, key: str) -> Matches:
        if key in ("SINCE", "BEFORE", "ON"):
            return self._arrival(key)
        if key in ("OLDER", "YOUNGER"):
            edge = time.time() - self._number()
            return lambda message: (message.arrived_at < edge) == (key == "OLDER")
        if key in ("LARGER", "SMALLER"):
            size = self._number()
            return lambda message: message.size > size if key == "LARGER" else message.size < size
        if key == "MODSEQ":
            modseq = self._number()
            return lambda message: message.modseq >= modseq
        return self._content(key)

    def _number(self) -> int:
        word = self._next()
        if not word.isdigit():
            raise Bad("expected a number")
        return int(word)

    def _arrival(self, key: str) -> Matches:
        try:
            day = datetime.strptime(self._next(), "%d-%b-%Y").replace(tzinfo=UTC).date()
        except ValueError as error:
            raise Bad("expected a date such as 1-Feb-2026") from error

        def test(message: Stored) -> bool:
            arrived = datetime.fromtimestamp(message.arrived_at, UTC).date()
            return {"SINCE": arrived >= day, "BEFORE": arrived < day, "ON": arrived == day}[key]

        return test

    def _content(self, key: str) -> Matches:
        """Search the bytes; encoded words and transfer encodings are not decoded."""
        if key in ("TEXT", "BODY"):
            words = self._next().lower().encode("utf-8", "surrogateescape")
            return lambda message: words in self._raw(message.uid).lower()
        if key != "HEADER" and key not in _HEADERS:
            raise Bad(f"unknown search key {key}")
        name = (self._next() if key == "HEADER" else key).lower().encode()
        value = self._next().lower().encode("utf-8", "surrogateescape")

        def test(message: Stored) -> bool:
            header = self._raw(message.uid).partition(b"\r\n\r\n")[0].lower().replace(b"\r\n ", b" ")
            lines = [line for line in header.split(b"\r\n") if line.startswith(name + b":")]
            return any(value in line for line in lines)

        return test


def extended(tag: str, options: list[str], numbers: list[int], *, is_uid: bool) -> str:
    """Return an ESEARCH response for SEARCH RETURN (…); no options means ALL."""
    words = [f'* ESEARCH (TAG "{tag}")' + (" UID" if is_uid else "")]
    wanted = [each.upper() for each in options] or ["ALL"]
    if numbers and "MIN" in wanted:
        words.append(f"MIN {numbers[0]}")
    if numbers and "MAX" in wanted:
        words.append(f"MAX {numbers[-1]}")
    if numbers and "ALL" in wanted:
        words.append(f"ALL {compact(numbers)}")
    if "COUNT" in wanted:
        words.append(f"COUNT {len(numbers)}")
    return " ".join(words)
