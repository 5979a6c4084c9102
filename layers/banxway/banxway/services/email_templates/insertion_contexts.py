"""Finds in which context of a template's HTML each variable is inserted, since the safety of its value depends on it.

Tags are parsed as browsers parse them (WHATWG HTML, 13.2.5). Escaping `& < > " '` keeps a value harmless inside text
and quoted attributes, and nowhere else.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum, auto


class InsertionContext(Enum):
    """What an inserted value becomes part of."""

    TEXT = auto()
    LINK_START = auto()  # the beginning of an address: its scheme decides what a click does
    UNSAFE = auto()  # markup, script or style, where no escaping helps


_Span = tuple[int, int, InsertionContext]

# Outlook reads these as markup and all others as comments: they are read as Outlook does.
_CONDITIONAL = re.compile(r"(?i)<!--\[if[^>]*>|<!\[endif\]-->|<!--<!\[endif\]-->")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BOGUS = re.compile(r"<[!?/][^>]*(?:>|\Z)")
_RAW_TEXT = re.compile(
    r"(?i)<(script|style|title|textarea|xmp|noscript|noembed|noframes|iframe|plaintext)\b.*?(?:</\1\b[^>]*>|\Z)",
    re.DOTALL,
)
# A value right after the angle bracket would name the tag.
_TAG_NAME = re.compile(r"<(?:[A-Za-z]|\{\{)[^\s/>]*")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*)?)?")
_LINKS = frozenset(
    {"href", "src", "action", "formaction", "background", "cite", "poster", "data", "xlink:href"}
)
_CODE = re.compile(r"(?i)on|style$|srcdoc$")


def contexts_of(content: str, positions: Sequence[int]) -> list[InsertionContext]:
    """Return the context of each position, in the order given; in doubt UNSAFE. Linear in the content."""
    spans = sorted(_spans(content))
    starts = [start for start, _, _ in spans]
    found = []
    for position in positions:
        start, end, context = (
            spans[bisect_right(starts, position) - 1] if spans else (0, 0, InsertionContext.TEXT)
        )
        if context is InsertionContext.LINK_START and content[start:position].strip():
            context = InsertionContext.TEXT
        found.append(context if start <= position < end else InsertionContext.TEXT)
    return found


def _spans(content: str) -> Iterator[_Span]:
    """Yield the spans that are not text: those inside quoted attributes, and the unsafe ones around them."""
    at = content.find("<")
    while at >= 0:
        whole = _CONDITIONAL.match(content, at) or _COMMENT.match(content, at)
        if whole is None:
            whole = _RAW_TEXT.match(content, at) or _BOGUS.match(content, at)
            if whole is not None:
                yield at, whole.end(), InsertionContext.UNSAFE
        if whole is not None:
            end = whole.end()
        elif _TAG_NAME.match(content, at):
            end = content.find("<", at)
            for span in _tag_spans(content, at):
                yield span
                end = max(end, span[1])
        else:
            end = at + 1
        at = content.find("<", end)


def _tag_spans(content: str, at: int) -> Iterator[_Span]:
    name = _TAG_NAME.match(content, at)
    end = name.end() if name else at
    yield at, end, InsertionContext.UNSAFE
    while attribute := _ATTRIBUTE.match(content, end):
        value_from, value_to = attribute.span(2)
        if attribute[2] and attribute[2][0] in "\"'":
            yield end, value_from + 1, InsertionContext.UNSAFE
            yield value_from + 1, value_to - 1, _context_in(attribute[1].lower())
            yield value_to - 1, value_to, InsertionContext.UNSAFE
        else:
            yield end, attribute.end(), InsertionContext.UNSAFE
        end = attribute.end()


def _context_in(attribute: str) -> InsertionContext:
    if _CODE.match(attribute):
        return InsertionContext.UNSAFE
    return InsertionContext.LINK_START if attribute in _LINKS else InsertionContext.TEXT
