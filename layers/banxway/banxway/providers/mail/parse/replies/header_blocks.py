"""Distinguishes a quoted mail's header (From, Sent, To, Subject) from a form with similar labels, as of an order."""

from collections.abc import Sequence
from functools import lru_cache

from banxway.providers.mail.parse.replies.quote_words import FROM, OTHERS, SENT_ON

_MOST_LABELS = 7
_LABEL_CHARS = 60
_FEWEST = 3


def is_header_block(lines: list[str], at: int) -> bool:
    """Return whether a mail's header begins at a line: only mails have a sender's address, or the time of sending."""
    first = label_of(lines[at])
    if first not in FROM and first not in OTHERS:
        return False
    if first in FROM and "@" not in lines[at] and label_of(lines[min(at + 1, len(lines) - 1)]) not in SENT_ON:
        return False
    block = [line for line in lines[at : at + 12] if line.strip()][:_MOST_LABELS]
    labels = [label_of(line) for line in block]
    if first not in FROM and (len(labels) < 2 or labels[1] not in FROM | OTHERS):
        return False
    fields = [
        (label, value_of(line))
        for label, line in zip(labels, block, strict=True)
        if label in FROM or label in OTHERS
    ]
    return len(fields) >= _FEWEST and is_mail_header(fields)


def is_mail_header(fields: Sequence[tuple[str, str]]) -> bool:
    """Return whether these labels and values are a mail's.

    Any form can have two ports, a date and a subject; so From must have an address, or the label for the time of
    sending must follow it.
    """
    for at, (label, value) in enumerate(fields):
        if label in FROM:
            following = fields[at + 1][0] if at + 1 < len(fields) else ""
            return names_a_mailbox(value) or following in SENT_ON
    return False


def names_a_mailbox(value: str) -> bool:
    """Return whether a value is an address, alone or after a name, and not a sentence that contains one."""
    if "@" not in value:
        return False
    before = value.partition("@")[0]
    return any(sign in before for sign in ("<", "[", "(")) or len(value.split()) == 1


def label_of(line: str) -> str:
    """Return the text before a line's colon, in lower case and without marks, or ""."""
    return _read_label(line[:_LABEL_CHARS])


def value_of(line: str) -> str:
    """Return the text after a line's first colon."""
    return line[:1000].replace("：", ":").partition(":")[2].strip(" *_\t\xa0\u3000")


@lru_cache(maxsize=32)
def _read_label(beginning: str) -> str:
    """Parse a label; cached, since several of the lines above it look at it."""
    name, colon, _ = beginning.replace("：", ":").partition(":")
    return name.strip(" *_\t>\xa0\u3000").lower() if colon else ""
