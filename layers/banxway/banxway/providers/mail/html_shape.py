"""Tells HTML that a parser must not see from HTML that it may, by counting and without parsing.

The HTML standard makes a parser reopen formatting in every block that follows it, so a few kilobytes of
`<b>` before a megabyte of `<p>` describe a hundred million nodes. Whatever this is unsure about counts as
the worse case; such mail is then shown as plain text, which costs no reader anything but looks.
"""

import re

_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "col", "area", "base", "wbr", "source"})
_OFTEN_LEFT_OPEN = frozenset({"p", "li", "td", "tr", "th", "option", "dd", "dt"})
_NAME = re.compile(r"(/?)([a-z][a-z0-9:-]{0,30})")

# A quote or a slash ends an attribute as well as a space does.
_BETWEEN_ATTRIBUTES = re.compile(r"[\s/\"'=]+")

_MOST_AMPERSANDS = 50_000
_MOST_COMPARISONS = 300_000_000
_MOST_REOPENINGS = 500_000
_MOST_DEPTH = 3_000
_MOST_STEPS = 60_000_000


def is_explosive(source: str) -> bool:
    """Whether a parser's work on this HTML might not be linear in its length.

    Besides reopened formatting: a block looks upward through all that enclose it, an attribute is compared
    with all before it in its tag, and html5ever slows down with every ampersand of a text.
    """
    if source.count("&") > _MOST_AMPERSANDS:
        return True
    pieces = source.lower().split("<")
    if sum(map(_comparisons, pieces)) > _MOST_COMPARISONS:
        return True
    if len(pieces) < 100:
        return False
    formatting, depth = _left_open(pieces)
    if depth > _MOST_DEPTH or depth * len(pieces) > _MOST_STEPS:
        return True
    return min(formatting, _distinct_formatting(pieces)) * len(pieces) > _MOST_REOPENINGS


def _comparisons(piece: str) -> int:
    """How often names are compared if all of this is one tag: each attribute with all different ones before it.

    What follows the tag may be plain text, which repeats its words, as no attack would.
    """
    if len(piece) <= 3000:
        return 0
    words = _BETWEEN_ATTRIBUTES.split(piece)
    return len(words) * len(set(words))


def _distinct_formatting(pieces: list[str]) -> int:
    """An upper bound that no trick evades: a parser keeps at most three equal formatting elements open."""
    seen: dict[str, int] = {}
    for piece in pieces:
        name = _NAME.match(piece)
        if name and not name[1] and name[2] in _FORMATTING:
            tag = piece.partition(">")[0]
            seen[tag] = min(seen.get(tag, 0) + 1, 3)
    return sum(seen.values())


def _left_open(pieces: list[str]) -> tuple[int, int]:
    """The most formatting elements ever left open, and the deepest nesting; ends count only if undoubted."""
    stack: list[str] = []
    leaked = formatting = most_formatting = deepest = 0
    is_sure = True
    for piece in pieces[1:]:
        match = _NAME.match(piece)
        name = match[2] if match else ""
        if match and not match[1] and name not in _VOID and name not in _OFTEN_LEFT_OPEN:
            stack.append(name)
            formatting += name in _FORMATTING
        elif match and match[1] and is_sure and stack and stack[-1] == name:
            stack.pop()
            formatting -= name in _FORMATTING
        elif match and match[1] and is_sure and name not in _FORMATTING and name in stack[-50:]:
            while stack.pop() != name:
                leaked += 1
        most_formatting = max(most_formatting, formatting)
        deepest = max(deepest, len(stack))
        is_sure = _ends_outside(piece)
    return most_formatting, deepest + leaked


def _ends_outside(piece: str) -> bool:
    """Whether what follows is surely neither within a comment nor within an attribute's value."""
    tag, closing, _ = piece.partition(">")
    return (
        bool(closing)
        and not (piece.startswith("!--") and "-->" not in piece)
        and not (tag.count('"') % 2 or tag.count("'") % 2)
    )
