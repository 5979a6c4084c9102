"""Compares texts for rules: without regard to case, and in time that is linear in the text.

A user's pattern is never a regular expression (threat 37). `*` and `?` are matched piece by piece, each piece as far
left as possible. A piece with a question mark is matched by one machine word of states per character (Shift-And), so
that no pair of pattern and text takes more than one pass.
"""

from collections.abc import Callable

from banxway.models.email_rules.rules import Operator


def compare(operator: Operator, text: str, wanted: str) -> bool:
    """Return whether a text matches. Both must be case-folded already (str.casefold)."""
    return _COMPARISONS[operator](text, wanted)


def fits_glob(text: str, pattern: str) -> bool:
    """Return whether the whole text matches a pattern of `*` (any characters) and `?` (one)."""
    first, *rest = pattern.split("*")
    if not _fits_at(text, 0, first):
        return False
    if not rest:
        return len(text) == len(first)
    *middle, last = rest
    at = len(first)
    for piece in filter(None, middle):
        found = _find(text, piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(text) - len(last) >= at and _fits_at(text, len(text) - len(last), last)


def _fits_at(text: str, at: int, piece: str) -> bool:
    if len(text) - at < len(piece):
        return False
    return all(wanted in ("?", text[at + offset]) for offset, wanted in enumerate(piece))


def _find(text: str, piece: str, at: int) -> int:
    """Return the first position at or after `at` where a piece matches; -1 if nowhere."""
    if "?" not in piece:
        return text.find(piece, at)
    offsets: dict[str, int] = {}
    anywhere = 0
    for offset, wanted in enumerate(piece):
        if wanted == "?":
            anywhere |= 1 << offset
        else:
            offsets[wanted] = offsets.get(wanted, 0) | 1 << offset
    masks = {character: bits | anywhere for character, bits in offsets.items()}
    whole, states = 1 << (len(piece) - 1), 0
    for position in range(at, len(text)):
        states = (states << 1 | 1) & masks.get(text[position], anywhere)
        if states & whole:
            return position - len(piece) + 1
    return -1


_COMPARISONS: dict[Operator, Callable[[str, str], bool]] = {
    "contains": lambda text, wanted: wanted in text,
    "equals": lambda text, wanted: text == wanted,
    "starts_with": lambda text, wanted: text.startswith(wanted),
    "ends_with": lambda text, wanted: text.endswith(wanted),
    "matches": fits_glob,
}
