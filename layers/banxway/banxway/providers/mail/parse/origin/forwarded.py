"""Parses the author of a forwarded text: the From of the first header block that it quotes.

    ---------- Forwarded message ---------
    From: Asha <asha@customer.example>
    Date: Mon, 30 Nov 2026 at 10:00
    Subject: Pumps

The person who forwards can write anything there, so it is a suggestion and not evidence.
"""

from collections.abc import Sequence

from banxway.models.mail import Address
from banxway.providers.mail.parse.addresses import read_addresses
from banxway.providers.mail.parse.replies.quote_words import FROM, INTRODUCTIONS, OTHERS, SEPARATORS
from banxway.providers.mail.parse.replies.quotes import is_forward

_MOST_LINES = 2_000
_LONGEST_LINE = 1_000
_BLOCK_LINES = 8
_DRAWN = "-_=*#~ \t>:|"
_WIDE_COLON = "\uff1a"


def read_forwarded_author(subject: str, text: str) -> Address | None:
    """Return the author of the first forwarded text, or None.

    The subject, or a line above the header block, must mark it as forwarded.
    """
    if ":" not in text and _WIDE_COLON not in text:
        return None
    lines = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    # Only a line with a colon can have a label, and few are a From: an announcement is searched for only then.
    places = [
        at
        for at, line in enumerate(lines)
        if (":" in line or _WIDE_COLON in line) and _labelled(line)[0] in FROM
    ]
    if not places:
        return None
    announced = 0 if is_forward(subject) else _first_announcement(lines)
    authors = (_author(lines[at : at + _BLOCK_LINES]) for at in places if at >= announced)
    return next(filter(None, authors), None)


def _first_announcement(lines: Sequence[str]) -> int:
    """Return the first line that announces a forwarded text, or the number of lines if none does."""
    return next((at for at, line in enumerate(lines) if _announces(line)), len(lines))


def _announces(line: str) -> bool:
    words = line[:_LONGEST_LINE].strip(_DRAWN).casefold()
    return bool(words) and (words in SEPARATORS or words.startswith(INTRODUCTIONS))


def _author(block: Sequence[str]) -> Address | None:
    """Return the author of a header block that begins with From and has another label below, else None."""
    if not any(_labelled(line)[0] in OTHERS for line in block[1:]):
        return None
    value = _labelled(block[0])[1]
    written = value.replace("[mailto:", "<").replace("]", ">") if "[mailto:" in value else value
    return next(iter(read_addresses(written.encode("utf-8", "replace"))), None)


def _labelled(line: str) -> tuple[str, str]:
    label, colon, value = line[:_LONGEST_LINE].replace(_WIDE_COLON, ":", 1).lstrip("> \t").partition(":")
    return (label.strip("* \t\u200e\u200f").casefold(), value.strip("* \t")) if colon else ("", "")
