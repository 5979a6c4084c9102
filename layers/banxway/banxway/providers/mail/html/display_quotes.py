"""Folds away the quote at the end of an HTML mail, found by the marks that mail programs leave.

It works on the mail before it is sanitised: the marks are classes and ids, which sanitising removes.
"""

from typing import TYPE_CHECKING

from banxway.providers.mail.html.shape import is_explosive
from banxway.providers.mail.html.text import MAX_HTML_CHARS, to_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MARKS = (
    ".gmail_quote, .gmail_quote_container, .yahoo_quoted, .moz-cite-prefix, .protonmail_quote, .zmail_extra, "
    "#divRplyFwdMsg, #appendonsend, #OLK_SRC_BODY_SECTION, #mail-editor-reference-message-container, "
    "blockquote[type=cite]"
)
# Outlook marks where a quote begins, and its users write nothing below it; Thunderbird marks the line above a quote.
_TO_THE_END = frozenset({"divRplyFwdMsg", "appendonsend"})
_LINE_ABOVE = "moz-cite-prefix"
_PLACEHOLDER = "\x1aquote\x1a"
_MOST_PIECES = 2000


def fold_quote(source: str) -> str:
    """Return the HTML with a trailing quote inside <details>, or unchanged if it has none.

    A quote with an answer below or inside it stays open, and so does a mail that is nothing but a quote.
    """
    source = source[:MAX_HTML_CHARS]
    if is_explosive(source):
        return source
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        body = LexborHTMLParser(source.replace("\x1a", "")).body
        mark = body.css_first(_MARKS) if body else None
        if body is None or mark is None:
            return source
        quoted = _take_out(mark)
        before, _, behind = (body.inner_html or "").partition(_PLACEHOLDER)
    except (SelectolaxError, ValueError):
        return source
    if not quoted or to_text(behind) or not (to_text(before) or "<img" in before):
        return source
    return f"{before}<details><summary>Quoted text</summary>{quoted}</details>{behind}"


def _take_out(mark: "LexborNode") -> str:
    """Replace the mark and the quote's nodes after it by a placeholder, and return their HTML; "" for too many."""
    following = _following(mark)
    if len(following) > _MOST_PIECES:
        return ""
    pieces = [mark.html or "", *(each.html or "" for each in following)]
    for each in following:
        each.decompose()
    mark.replace_with(_PLACEHOLDER)
    return "".join(pieces)


def _following(mark: "LexborNode") -> "list[LexborNode]":
    takes_all = mark.id in _TO_THE_END
    if not takes_all and _LINE_ABOVE not in (mark.attributes.get("class") or ""):
        return []
    following: list[LexborNode] = []
    node = mark.next
    while node is not None and len(following) <= _MOST_PIECES:
        following.append(node)
        if not takes_all and node.tag == "blockquote":
            break
        node = node.next
    return following
