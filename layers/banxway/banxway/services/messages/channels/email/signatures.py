"""Puts a mailbox's signature below the written text and above the quoted mail."""

import html
import re
from collections.abc import Callable

from banxway.storage.email_accounts import AccountRow

_SEPARATOR = "-- \n"  # RFC 3676, 4.3: mail programs recognise it
_QUOTE_CLASSES = r"gmail_quote|moz-cite-prefix|yahoo_quoted|divRplyFwdMsg"
_HTML_QUOTE = re.compile(
    rf"""<blockquote\b|<div\b[^<>]{{0,200}}\b(?:class|id)=["'](?:{_QUOTE_CLASSES})\b""", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>|&nbsp;")
_LONGEST_ATTRIBUTION = 3  # lines


def sign(
    text: str | None, content: str | None, *, account: AccountRow, to_text: Callable[[str], str]
) -> tuple[str, str | None]:
    """Return a mail's text and HTML with the mailbox's signature; a missing text is made of the HTML.

    Each form gets its own signature, or one converted from the other form.
    """
    plain, rich = account.signature_text, account.signature_html
    written = text or to_text(content or "")
    signed = sign_text(written, plain or (to_text(rich) if rich else ""))
    return signed, sign_html(content, rich or _as_html(plain)) if content else None


def sign_text(body: str, signature: str) -> str:
    """Return a text with a signature below its own words and above a quote at its end."""
    if not signature.strip():
        return body
    marked = signature if re.match(r"--[ ]?\r?\n", signature) else f"{_SEPARATOR}{signature}"
    lines = body.split("\n")
    start = _quote_start(lines)
    own, quoted = "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]).lstrip("\n")
    return f"{own}\n\n{marked}\n\n{quoted}" if quoted.strip() else f"{body}\n\n{marked}"


def sign_html(body: str, signature: str) -> str:
    """Return HTML with a signature above a quote at its end, else at its end."""
    if not signature.strip():
        return body
    at = _html_quote_start(body)
    if at is None:
        at = _end_of_content(body)
        return f"{body[:at]}<br><br>{signature}{body[at:]}"
    return f"{body[:at]}<br>{signature}<br><br>{body[at:]}"


def _quote_start(lines: list[str]) -> int:
    """Return the first line of the quote at the end, attribution included; len(lines) without a quote."""
    start = len(lines)
    while start and (not lines[start - 1].strip() or lines[start - 1].startswith(">")):
        start -= 1
    if not any(line.startswith(">") for line in lines[start:]):
        return len(lines)
    return _attribution_start(lines, start)


def _attribution_start(lines: list[str], start: int) -> int:
    """Return where "On … Asha wrote:" begins: the lines right above a quote, if the last one ends with a colon."""
    if not start or not lines[start - 1].rstrip().endswith(":"):
        return start
    first = start - 1
    while first and start - first < _LONGEST_ATTRIBUTION and lines[first - 1].strip():
        first -= 1
    return first if not first or not lines[first - 1].strip() else start - 1


def _html_quote_start(body: str) -> int | None:
    """Return where the quote at the end begins; None without a quote, or with text below it."""
    found = _HTML_QUOTE.search(body)
    if found is None:
        return None
    end = body.lower().rfind("</blockquote")
    after = body[end:] if end > found.start() else ""
    return None if _TAG.sub("", after.partition(">")[2]).strip() else found.start()


def _end_of_content(body: str) -> int:
    """Return where the content ends: before the document's closing tags, if it has them."""
    end = len(body)
    for closing in ("</html>", "</body>"):
        trimmed = len(body[:end].rstrip())
        if body[trimmed - len(closing) : trimmed].lower() == closing:
            end = trimmed - len(closing)
    return end


def _as_html(signature: str) -> str:
    return html.escape(signature).replace("\n", "<br>\n")
