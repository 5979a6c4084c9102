"""Sets of numbers as IMAP writes them: 1:4,7,9:* (RFC 3501, section 9)."""

import re
from collections.abc import Iterable, Sequence

from local.sandbox.mailbox.imap.wire import Bad

_SET = re.compile(r"(\d+|\*)(:(\d+|\*))?(,(\d+|\*)(:(\d+|\*))?)*")


def is_set(text: str) -> bool:
    """Return whether the text is a set of numbers."""
    return _SET.fullmatch(text) is not None


def members(text: str, universe: Sequence[int]) -> list[int]:
    """Return the numbers of an ascending sequence that a set names; `*` is the largest. Raises Bad.

    `n:*` always names the last one, also when n is larger (section 6.4.8).
    """
    if not is_set(text):
        raise Bad("invalid message set")
    largest = universe[-1] if universe else 0
    chosen: set[int] = set()
    for part in text.split(","):
        ends = [largest if each == "*" else int(each) for each in part.split(":")]
        low, high = min(ends), max(ends)
        chosen.update(each for each in universe if low <= each <= high)
    return sorted(chosen)


def compact(numbers: Iterable[int]) -> str:
    """Return ascending numbers as a set, runs joined."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in runs)
