"""Finds where a mail's signature begins: at a mark, at a telephone's line, or at a letter's closing."""

import re

from banxway.providers.mail.quote_words import (
    CARRIERS,
    CLOSINGS,
    DEVICE_NAMES,
    DEVICES,
    SENT_FROM,
    SENT_SOMEHOW,
)

_MOST_LINES = 15
_LONGEST_LINE = 120
_MARKS = ("--", "-- ", "—", "–", "__", "---")
_LIST_FOOTER = re.compile(r"_{20,80}")
_INITIALED = re.compile(r"-{1,2} ?[^\W\d_][\w.'’-]{0,30}(?: [^\W\d_][\w.'’-]{0,30}){0,3}")
_DETAIL = re.compile(r"[\d.,]")
"""What tells of things: a number, and sentences."""
_FIRST_LETTERS = frozenset(word[0] for word in (*SENT_FROM, *CLOSINGS)) | frozenset("-—–_")


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines before the signature and those of it; only the last 15 written lines are looked at."""
    start, written = len(lines), 0
    while start and written < _MOST_LINES:
        start -= 1
        written += bool(lines[start].strip())
    for at in range(start, len(lines)):
        line = lines[at]
        if line and len(line) <= _LONGEST_LINE and _begins(lines, at, line.strip().lower()):
            return lines[:at], lines[at:]
    return lines, []


def _begins(lines: list[str], at: int, short: str) -> bool:
    if short[:1] not in _FIRST_LETTERS:
        return False
    if short in _MARKS or short == "-":
        return short not in ("-", "---") or _is_block(lines[at + 1 :])
    if short.startswith(SENT_FROM):
        return _is_sent_from(short) and len([line for line in lines[at + 1 :] if line.strip()]) <= 3
    if short.rstrip(",.!;:、。， ") in CLOSINGS:
        return _is_block(lines[at + 1 :])
    if _LIST_FOOTER.fullmatch(short):
        return True
    is_last = not any(line.strip() for line in lines[at + 1 :])
    return is_last and _INITIALED.fullmatch(short) is not None and not _is_listed(lines, at)


def _is_sent_from(short: str) -> bool:
    """Whether a program wrote this, as `Sent with Spark`; `Sent with DHL, AWB 123` is of goods or papers."""
    if not short.startswith(SENT_SOMEHOW):
        return True
    words = [word.strip(".,;:!()®™") for word in short.split()]
    if any(word in DEVICE_NAMES or word.startswith(DEVICES) for word in words):
        return True
    return not _DETAIL.search(short) and not any(word in CARRIERS for word in words)


def _is_block(lines: list[str]) -> bool:
    """Whether these lines could be a name and how to reach it: few, short, and no question."""
    written = [line.strip() for line in lines if line.strip()]
    return len(written) <= 12 and all(len(line) <= 90 and not line.endswith(("?", "？")) for line in written)


def _is_listed(lines: list[str], at: int) -> bool:
    """Whether the line is the last of a list of points rather than a name."""
    before = next((line for line in reversed(lines[:at]) if line.strip()), "-")
    return before.lstrip()[:1] in "-*•"
