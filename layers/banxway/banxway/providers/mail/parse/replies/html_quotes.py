"""Finds quotes and signatures in HTML, by the marks that mail programs leave (reference/mail.md, 6).

Marked quotes become `>` lines of plain text, and marked signatures are taken out; `quotes.py` decides the rest, by
the same rules as for a mail without HTML. HTML without marks is not split here.
"""

import re
from itertools import islice
from typing import TYPE_CHECKING

from banxway.providers.mail.html.shape import is_explosive
from banxway.providers.mail.html.text import MAX_HTML_CHARS, to_text
from banxway.providers.mail.parse.replies.header_blocks import is_mail_header, label_of, value_of
from banxway.providers.mail.parse.replies.quote_words import FROM, OTHERS
from banxway.providers.mail.parse.replies.quotes import ReplyParts, split_reply

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_HINTS = (
    "gmail_quote", "divRplyFwdMsg", "appendonsend", "border-top:solid", "OLK_SRC_BODY_SECTION",
    "yahoo_quoted", "reference-message", "<BLOCKQUOTE", "zmail_extra",
)  # fmt: skip
_SIGNS_OF_QUOTES = (":", "：", ">", "写道", "寫道")
"""A search takes time by the HTML's length, so the HTML is searched only if its text could introduce a quote."""
_QUOTED = (
    "blockquote[type=cite], blockquote.gmail_quote, .moz-cite-prefix, .yahoo_quoted, .protonmail_quote, "
    ".tutanota_quote, .zmail_extra, .x_gmail_quote, #OLK_SRC_BODY_SECTION, .gmail_attr, #reply-intro, .reply-intro"
)
_FROM_HERE = (
    "#divRplyFwdMsg, #appendonsend, #x_divRplyFwdMsg, #mail-editor-reference-message-container, "
    ".ms-outlook-mobile-reference-message, #ms-outlook-mobile-body-separator-line, #isReplyContent"
)
_SIGNATURES = (
    ".gmail_signature, .gmail_signature_prefix, #Signature, .moz-signature, #AppleMailSignature, "
    ".protonmail_signature_block, #ms-outlook-mobile-signature, #signature"
)
_RULED = 'div[style*="border-top:solid"], div[style*="border-top: solid"]'
_QUOTE, _QUOTE_END, _SIGNATURE, _SIGNATURE_END, _CUT = "\ue0f0", "\ue0f1", "\ue0f2", "\ue0f3", "\ue0f4"
_ALL_MARKS = (_QUOTE, _QUOTE_END, _SIGNATURE, _SIGNATURE_END, _CUT)
_MARKS = str.maketrans(dict.fromkeys(_ALL_MARKS))
_MARK = re.compile("([\ue0f0-\ue0f4])")
_MOST_NODES = 300
_MOST_LABEL_NODES, _MOST_SPANS, _LONGEST_LABEL, _LONGEST_TEXT = 60, 3, 25, 200
_LONGEST_HEADER, _MOST_HEADER_LINES = 4000, 8
_OUTLOOK = ("padding:3.0pt", "padding:3pt")
"""Styles that only Outlook uses, in every language."""
_COLOURED = re.compile(
    r"[bchBCH](?i:(?:(?<=b)ackground|(?<=c)olor|(?<=h)ighlight)[ ]?[:=][ ]?[\"']?"
    r"(?:red|yellow|lime|green|#ff0000|#f00|#c00000|#00b050|#ffff00)\b)"
)
"""Colours with which people make their answers stand out inside a quote.

The first letter is separate and case-sensitive, since such a search is much faster.
"""


def split_html_reply(source: str, text: str) -> ReplyParts | None:
    """Split an HTML mail by the marks of mail programs; None if it has none, or if nothing new would be left.

    `text` is the mail's readable text, which shows at low cost whether there can be a quote.
    """
    if not _may_be_marked(source, text):
        return None
    source = source[:MAX_HTML_CHARS]
    marked = None if is_explosive(source) else _marked(source)
    if marked is None:
        return None
    shown, is_coloured = marked
    if is_coloured:
        return ReplyParts(text.strip(), "", "")
    lines, signature = _as_lines(shown)
    parts = split_reply("\n".join(lines))
    if not parts.reply or (not parts.quoted and any(line.startswith(">") for line in lines)):
        return None
    return ReplyParts(parts.reply, parts.quoted, "\n".join([parts.signature, *signature]).strip("\n"))


def _may_be_marked(source: str, text: str) -> bool:
    if "<blockquote" in source or "ignature" in source:
        return True
    could_quote = any(sign in text for sign in _SIGNS_OF_QUOTES) or ("-" in text and "--" in text)
    return could_quote and any(hint in source for hint in _HINTS)


def _marked(source: str) -> tuple[str, bool] | None:
    """Return the HTML's text with quotes and signatures marked, and whether a trailing quote has coloured words.

    None if nothing is marked.
    """
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        tree = LexborHTMLParser(_without_marks(source))
        if not _mark_all(tree):
            return None
        html = tree.html or ""
    except (SelectolaxError, ValueError):
        return None
    shown = to_text(html)
    return shown, not _is_written_below(shown) and _is_coloured_within(html)


def _without_marks(text: str) -> str:
    # Hardly any text contains one, and searching costs much less than translating.
    return text.translate(_MARKS) if any(mark in text for mark in _ALL_MARKS) else text


def _is_coloured_within(html: str) -> bool:
    """Return whether words after the beginning of a quote are coloured, as answers inside it may be."""
    begins = [at for at in (html.find(_QUOTE), html.find(_CUT)) if at >= 0]
    return bool(begins) and _COLOURED.search(html, min(begins)) is not None


def _is_written_below(shown: str) -> bool:
    return _CUT not in shown and bool(_without_marks(shown.rpartition(_QUOTE_END)[2]).strip())


def _mark_all(tree: "LexborHTMLParser") -> int:
    count = 0
    for node in tree.css("div.gmail_quote")[:_MOST_NODES]:
        count += _mark_gmail(node)
    for node in tree.css(_QUOTED)[:_MOST_NODES]:
        count += _surround(node, _QUOTE, _QUOTE_END)
    for node in tree.css("blockquote")[:_MOST_NODES]:
        if _is_barred(node):
            count += _surround(node, _QUOTE, _QUOTE_END)
    for node in [*tree.css(_FROM_HERE)[:1], *_ruled(tree)]:
        node.insert_before(_CUT)
        count += 1
    for node in tree.css(_SIGNATURES)[:_MOST_NODES]:
        count += _surround(node, _SIGNATURE, _SIGNATURE_END)
    return count


def _mark_gmail(node: "LexborNode") -> int:
    """Mark the whole node, unless it contains quotes itself, since answers may be between them."""
    first = node.css_first("blockquote")
    if first is None:
        return _surround(node, _QUOTE, _QUOTE_END)
    if (
        node.css_first(".gmail_attr") is None
        and first.parent is not None
        and first.parent.mem_id == node.mem_id
    ):
        child = node.first_child
        if child is not None and child.mem_id != first.mem_id:
            # The text that introduces the quote is before it and has no mark.
            child.insert_before(_QUOTE)
            first.insert_before(_QUOTE_END)
            return 1
    return 0


def _is_barred(node: "LexborNode") -> bool:
    """Return whether a block is drawn as a quote, with a bar at its left, and has no mark of a program."""
    style = (node.attributes.get("style") or "").replace(" ", "").lower()
    is_marked = (node.attributes.get("type") or "") == "cite" or "gmail_quote" in (
        node.attributes.get("class") or ""
    )
    return "border-left:" in style and "border-left:none" not in style and not is_marked


def _ruled(tree: "LexborHTMLParser") -> list["LexborNode"]:
    """Return the first block that heads a quote below a line, as Outlook draws it; other lines are decoration."""
    return next(([node] for node in tree.css(_RULED)[:50] if _heads_quote(node)), [])


def _heads_quote(block: "LexborNode") -> bool:
    """Return whether a block is a mail's header; in a language that is not listed, by its bold labels."""
    text = to_text((block.html or "")[:_LONGEST_HEADER])
    lines = [line for line in text.split("\n") if line.strip()][:_MOST_HEADER_LINES]
    fields = [(label_of(line), value_of(line)) for line in lines]
    known = [field for field in fields if field[0] in FROM or field[0] in OTHERS]
    if known:
        return fields[0] == known[0] and len(known) > 1 and is_mail_header(known)
    bold = [label for label, is_bold in _labels(block) if is_bold]
    style = (block.attributes.get("style") or "").replace(" ", "").lower()
    return len(bold) > 1 and ("@" in fields[0][1] or any(drawn in style for drawn in _OUTLOOK))


def _labels(block: "LexborNode") -> list[tuple[str, bool]]:
    """Return the labels (texts before colons) at the beginning of a block, and whether each is bold."""
    found: list[tuple[str, bool]] = []
    name, is_bold, written = "", False, 0
    for node in islice(block.traverse(include_text=True), _MOST_LABEL_NODES):
        text = (node.text_content or "")[:_LONGEST_TEXT].strip().replace("：", ":")
        if not text:
            continue
        written += 1
        if text[0] != ":":
            name, is_bold = text[:_LONGEST_LABEL].partition(":")[0], _is_bold(node)
        if ":" in text[:_LONGEST_LABEL] and name:
            found.append((name.strip(" *_\xa0\u3000").lower(), is_bold))
        if written > 1 and not found:
            break
    return found


def _is_bold(text: "LexborNode") -> bool:
    above = text.parent
    for _ in range(_MOST_SPANS):
        if above is None or above.tag in ("b", "strong"):
            return above is not None
        above = above.parent
    return False


def _surround(node: "LexborNode", before: str, after: str) -> int:
    node.insert_before(before)
    node.insert_after(after)
    return 1


def _as_lines(marked: str) -> tuple[list[str], list[str]]:
    """Return the lines of the text, quoted ones with `>`, and separately the lines of signatures."""
    lines: list[str] = []
    signature: list[str] = []
    depth = signed = 0
    is_cut = False
    for line in marked.split("\n"):
        pieces = _MARK.split(line)
        for at, piece in enumerate(pieces):
            if at % 2:
                depth += (piece == _QUOTE) - (piece == _QUOTE_END)
                signed += (piece == _SIGNATURE) - (piece == _SIGNATURE_END)
                is_cut = is_cut or piece == _CUT
            elif piece.strip() or len(pieces) == 1:
                into = signature if signed > 0 and not (depth > 0 or is_cut) else lines
                into.append(f"> {piece}".rstrip() if depth > 0 or is_cut else piece)
    return lines, signature
