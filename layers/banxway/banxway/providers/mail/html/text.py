"""Turns mail HTML into plain text.

The input may be hostile. A parser builds what the HTML standard prescribes, and the standard lets a few
kilobytes of unclosed formatting describe millions of nodes; such input is read tag by tag instead.
"""

import html as entities
import re
from typing import TYPE_CHECKING

from banxway.providers.mail.html.foreign import without_open_drawings
from banxway.providers.mail.html.shape import is_explosive

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_HTML_CHARS = 1_000_000
"""Longer HTML is cut to this length before it is parsed."""

_SKIPPED = frozenset(
    {"script", "style", "head", "title", "template", "noembed", "iframe", "object", "svg", "math"}
)
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table"}
)
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "dir", "div", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main", "menu",
    "nav",
    "option", "section", "summary", "tbody", "tfoot", "thead", "tr",
}  # fmt: skip
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_INVISIBLE = "\u00ad\u200b\u034f\ufeff\x00"
_WITHOUT_INVISIBLE = str.maketrans("", "", _INVISIBLE)


def to_text(source: str) -> str:
    """Return the readable text of HTML: each block on its own line, scripts and styles left out.

    Takes linear time and no recursion at any depth of nesting; only the first MAX_HTML_CHARS are read.
    """
    source = source[:MAX_HTML_CHARS]
    if "<" not in source:
        return _tidy(entities.unescape(source)) if "&" in source else _tidy(source)
    source = without_open_drawings(source)
    return _tidy(_without_tags(source) if is_explosive(source) else _tree_text(source))


def _tree_text(source: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        node: LexborNode | None = LexborHTMLParser(source).body
    except SelectolaxError:
        return _without_tags(source)
    out: list[str] = []
    open_nodes: list[tuple[LexborNode, str]] = []
    preformatted = 0
    while node is not None:
        tag = node.tag or ""
        child = None
        if tag == "-text":
            text = node.text_content or ""
            text = text.replace(_BLOCK, "").replace(_PARAGRAPH, "")
            out.append(text if preformatted else _SPACES.sub(" ", text))
        elif tag not in _SKIPPED and tag[:1] not in "-!":
            _open(tag, out)
            preformatted += tag == "pre"
            open_nodes.append((node, tag))
            child = node.first_child
        following = child or (
            None if child is None and open_nodes and open_nodes[-1][0] is node else node.next
        )
        while following is None and open_nodes:
            closed, tag = open_nodes.pop()
            _close(tag, out)
            preformatted -= tag == "pre"
            following = closed.next if open_nodes else None
        node = following
    return "".join(out)


_BLOCK, _PARAGRAPH = "\x1d", "\x1e"
_BREAKS = re.compile("[ \n\x1d\x1e](?:[ \n\x1d\x1e]+|(?<=[\x1d\x1e]))")
"""White space that may have to change: all but the single spaces between words, which are most of it."""


def _open(tag: str, out: list[str]) -> None:
    if tag == "br":
        out.append("\n")
    elif tag == "hr":
        out.append("\x1d---\x1d")
    elif tag == "li":
        out.append("\x1d- ")
    elif tag in _PARAGRAPHS:
        out.append(_PARAGRAPH)
    elif tag in _BLOCKS:
        out.append(_BLOCK)


def _close(tag: str, out: list[str]) -> None:
    if tag in _PARAGRAPHS:
        out.append(_PARAGRAPH)
    elif tag in _BLOCKS:
        out.append(_BLOCK)
    elif tag in ("td", "th"):
        out.append(" ")


def _line_ends(match: re.Match[str]) -> str:
    """Return the line ends for white space with block edges: one for edges that meet, two if one is a paragraph's."""
    run = match[0]
    if _PARAGRAPH in run:
        return "\n\n"
    if _BLOCK in run:
        return "\n" * max(1, min(run.count("\n"), 2))
    return run


def _without_invisible(text: str) -> str:
    # Searching for them costs much less than translating a text without any.
    return text.translate(_WITHOUT_INVISIBLE) if any(sign in text for sign in _INVISIBLE) else text


def _tidy(text: str) -> str:
    """Strip each line, and keep at most one blank line between two lines."""
    lines: list[str] = []
    for line in _BREAKS.sub(_line_ends, _without_invisible(text)).split("\n"):
        line = line.strip(" \t\r\xa0")
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def _without_tags(source: str) -> str:
    """Return the text between tags by one forward search; for input that is unsafe to parse."""
    out: list[str] = []
    never: set[str] = set()
    at = 0
    while match := _TAG.search(source, at):
        opening = match.start()
        name = match[1].lower()
        out.append(source[at:opening])
        if name in _SKIPPED or name == "!--":
            end_mark = "-->" if name == "!--" else f"</{name}"
            past = -1 if end_mark in never else source.find(end_mark, opening + 1)
            if past < 0:
                # Search for a missing end only once, or a thousand start tags would cost a thousand searches.
                never.add(end_mark)
            opening = max(past, opening)
        closing = source.find(">", opening + 1)
        if closing < 0:
            at = opening + 1
            break
        if name.lstrip("/") in _BLOCKS or name == "br":
            out.append("\n")
        at = closing + 1
    out.append(source[at:])
    return entities.unescape(_SPACES_IN_LINE.sub(" ", "".join(out)))


_SPACES_IN_LINE = re.compile(r"[ \t\r\f]+")
_TAG = re.compile(r"<(!--|/?[a-zA-Z][a-zA-Z0-9]{0,20}|[!?])")
