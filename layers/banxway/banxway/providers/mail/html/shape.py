"""Detects HTML that would cost a parser too much, by counting tags without parsing.

The HTML standard makes a parser reopen formatting in every block that follows it, so a few kilobytes of
`<b>` before a megabyte of `<p>` describe a hundred million nodes. In doubt the worse case counts; such a mail is
shown as plain text, and its reader loses only its looks.
"""

import re
from itertools import pairwise

_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "col", "area", "base", "wbr", "source"})
_OFTEN_LEFT_OPEN = frozenset({"p", "li", "td", "tr", "th", "option", "dd", "dt"})
_NEVER_ENCLOSE = _VOID | _OFTEN_LEFT_OPEN
_NAME = re.compile(r"(/?)([a-z][a-z0-9:-]{0,30})")

# A quote or a slash ends an attribute as well as a space does.
_BETWEEN_ATTRIBUTES = re.compile(r"[\s/\"'=]+")

_MOST_AMPERSANDS = 50_000
_MOST_COMPARISONS = 300_000_000
_MOST_REOPENINGS = 500_000
_MOST_DEPTH = 3_000
_MOST_STEPS = 60_000_000


def is_explosive(source: str) -> bool:
    """Return whether a parser's work on this HTML might grow faster than its length.

    Besides reopened formatting: a block is compared with all that enclose it, an attribute with all before it in
    its tag, and html5ever slows down with every ampersand of a text.
    """
    if source.count("&") > _MOST_AMPERSANDS:
        return True
    pieces = source.lower().split("<")
    if sum(map(_comparisons, pieces)) > _MOST_COMPARISONS:
        return True
    return len(pieces) >= 100 and _leaves_too_much_open(pieces)


def _comparisons(piece: str) -> int:
    """Return how many names are compared if the piece is one tag: each attribute with every different one before it.

    The piece may be plain text after a tag; text repeats its words, which keeps the number small, and attacks do not.
    """
    if len(piece) <= 3000:
        return 0
    words = _BETWEEN_ATTRIBUTES.split(piece)
    return len(words) * len(set(words))


def _distinct_formatting(pieces: list[str]) -> int:
    """Return the most formatting elements that a parser can have open: it keeps at most three equal ones."""
    seen: dict[str, int] = {}
    for piece in pieces:
        name = _NAME.match(piece)
        if name and not name[1] and name[2] in _FORMATTING:
            tag = piece.partition(">")[0]
            seen[tag] = min(seen.get(tag, 0) + 1, 3)
    return sum(seen.values())


def _leaves_too_much_open(pieces: list[str]) -> bool:
    """Return whether elements nest too deep or too many formatting ones stay open; an end tag in doubt is ignored."""
    most_depth = min(_MOST_DEPTH, _MOST_STEPS // len(pieces))
    most_formatting = _MOST_REOPENINGS // len(pieces)
    left = _LeftOpen()
    for before, piece in pairwise(pieces):
        match = _NAME.match(piece)
        if not match:
            continue
        if match[1]:
            left.end(match[2], before)
        elif match[2] not in _NEVER_ENCLOSE:
            left.start(match[2])
        if left.deepest + left.leaked > most_depth:
            return True
        if left.formatting > most_formatting:
            if _distinct_formatting(pieces) > most_formatting:
                return True
            most_formatting = len(pieces)
    return False


class _LeftOpen:
    """Estimates which elements a parser would have open."""

    def __init__(self) -> None:
        self._stack: list[str] = []
        self.formatting = self.deepest = self.leaked = 0

    def start(self, name: str) -> None:
        self._stack.append(name)
        self.deepest = max(self.deepest, len(self._stack))
        self.formatting += name in _FORMATTING

    def end(self, name: str, before: str) -> None:
        """Close an element, a block with everything left open in it, unless the text before the tag may hide it."""
        if self._stack and self._stack[-1] == name and _ends_outside(before):
            self._stack.pop()
            self.formatting -= name in _FORMATTING
        elif name not in _FORMATTING and name in self._stack[-50:] and _ends_outside(before):
            while self._stack.pop() != name:
                self.leaked += 1


def _ends_outside(piece: str) -> bool:
    """Return whether the next tag is certainly inside neither a comment nor an attribute's value."""
    tag, closing, _ = piece.partition(">")
    return (
        bool(closing)
        and not (piece.startswith("!--") and "-->" not in piece)
        and not (tag.count('"') % 2 or tag.count("'") % 2)
    )
