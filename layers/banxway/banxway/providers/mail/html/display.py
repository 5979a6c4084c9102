"""Renders a mail as an HTML page of its own, for a sandboxed frame.

The page contains nothing that runs, and loads only what was asked for. The policy that it is served under
(services/messages/display.py) forbids the same once more, in case the sanitiser is ever wrong.
"""

import html as entities
import re
from collections.abc import Callable
from itertools import islice
from urllib.parse import unquote, urlsplit

from banxway.models.messages.display import MailToShow, ShownMail
from banxway.providers.mail.html.display_quotes import fold_quote
from banxway.providers.mail.html.foreign import without_open_drawings
from banxway.providers.mail.html.sanitizing import sanitize, with_images
from banxway.providers.mail.html.text import MAX_HTML_CHARS

FindImage = Callable[[str], str | None]
"""Returns the address of an image of the mail by its Content-ID, in lower case and without brackets."""

_STYLE = (
    "body{margin:12px;font:14px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}pre,.text{white-space:pre-wrap;margin:0}"
    "blockquote{margin:0 0 0 8px;padding-left:8px;border-left:2px solid #d0d7de}"
    "details{margin-top:12px}summary{color:#57606a;cursor:pointer}"
)
# Each image's address contains a signature of up to 2 KB, and a response has room for 6 MB.
_MOST_IMAGES = 300
_MOST_TEXT = 1_000_000
_MOST_LINKS = 2_000
_LINK = re.compile(
    r"https?://[^\s<>\"'\x00-\x20]{1,2000}|(?<![\w.-])tel:\+?[0-9(][0-9().-]{2,40}", re.IGNORECASE
)


def show(mail: MailToShow, find_image: FindImage) -> ShownMail:
    """Return the page. `find_image` is called for the mail's own images only, once for each.

    HTML that is unsafe to parse is replaced by the mail's text.
    """
    if not mail.html:
        return ShownMail(_page(_text(mail)), (), 0)
    # If the reply could not be separated from the quote, answers may be inside what looks like a quote.
    source = without_open_drawings(mail.html[:MAX_HTML_CHARS])
    if mail.reply_text:
        source = fold_quote(source)
    sanitized = sanitize(source, remote_images=mail.remote_images)
    if sanitized.is_text and mail.text:
        return ShownMail(_page(_text(mail)), (), 0)
    images = _Images(find_image)
    content = with_images(sanitized.html, images.address_of)
    return ShownMail(_page(content), tuple(sorted(images.origins)), sanitized.remote_images)


class _Images:
    def __init__(self, find: FindImage) -> None:
        self._find = find
        self._known: dict[str, str | None] = {}
        self._shown = 0
        self.origins: set[str] = set()

    def address_of(self, content_id: str) -> str | None:
        """Return an image's address; None after the first 300 images, or for one that the mail does not contain."""
        self._shown += 1
        if self._shown > _MOST_IMAGES:
            return None
        name = unquote(content_id).strip().strip("<>").lower()
        if name not in self._known:
            self._known[name] = self._find(name)
        address = self._known[name]
        if address:
            parts = urlsplit(address)
            self.origins.add(f"{parts.scheme}://{parts.netloc}")
        return address


def _page(content: str) -> str:
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>Message</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{_STYLE}</style></head><body dir="auto">{content}</body></html>'
    )


def _text(mail: MailToShow) -> str:
    text = mail.text[:_MOST_TEXT]
    shown, folded = _split_reply(text, mail)
    content = f'<div class="text" dir="auto">{_with_links(shown)}</div>'
    if folded:
        content += (
            "<details><summary>Quoted text</summary>"
            f'<div class="text" dir="auto">{_with_links(folded)}</div></details>'
        )
    return content


def _split_reply(text: str, mail: MailToShow) -> tuple[str, str]:
    """Split the text where its reply ends, if more than a signature follows; else the second half is empty."""
    reply = (mail.reply_text or "").strip()
    begin = len(text) - len(text.lstrip())
    if not reply or not text.startswith(reply, begin):
        return text, ""
    behind = text[begin + len(reply) :]
    quoted = behind.replace(mail.signature_text or "\0", "", 1).strip().removeprefix("--").strip()
    return (text[: begin + len(reply)], behind.strip("\n")) if quoted else (text, "")


def _with_links(text: str) -> str:
    out: list[str] = []
    at = 0
    for match in islice(_LINK.finditer(text), _MOST_LINKS):
        address = match[0].rstrip(".,;:!?)]}*")
        out.append(entities.escape(text[at : match.start()], quote=False))
        link = entities.escape(address)
        out.append(f'<a href="{link}" target="_blank" rel="noopener noreferrer nofollow">{link}</a>')
        at = match.start() + len(address)
    out.append(entities.escape(text[at:], quote=False))
    return "".join(out)
