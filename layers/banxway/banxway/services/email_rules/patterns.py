"""How a rule compares texts: without regard to case, and in time that only grows with the text.

No pattern of a user's is ever a regular expression (threat 37). `*` and `?` are matched piece by piece, each
piece leftmost; a piece with a question mark by one machine word of states per character (Shift-And), so that
no pair of pattern and text takes more than one pass.
"""

from collections.abc import Callable

from banxway.models.email_rules.rules import Operator


def compare(operator: Operator, text: str, wanted: str) -> bool:
    """Say whether a text fits. Both must be in one case already (str.casefold)."""
    return _COMPARISONS[operator](text, wanted)


def fits_glob(text: str, pattern: str) -> bool:
    """Say whether the whole text fits a pattern of `*` (any characters) and `?` (one)."""
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
    """Return where a piece first fits at or after a place; -1 if nowhere."""
    if "?" not in piece:
        return text.find(piece, at)
    places: dict[str, int] = {}
    anywhere = 0
    for offset, wanted in enumerate(piece):
        if wanted == "?":
            anywhere |= 1 << offset
        else:
            places[wanted] = places.get(wanted, 0) | 1 << offset
    masks = {character: bits | anywhere for character, bits in places.items()}
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
