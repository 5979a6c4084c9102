"""Makes mail HTML safe to show, by an allow-list that is applied until its result no longer changes."""

import html as entities
import re
from typing import TYPE_CHECKING, NamedTuple

from banxway.providers.mail.html.foreign import without_open_drawings
from banxway.providers.mail.html.inline_styles import safe_style
from banxway.providers.mail.html.shape import is_explosive
from banxway.providers.mail.html.text import MAX_HTML_CHARS, to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import nh3

    AttributeFilter = Callable[[str, str, str], str | None]

_ALLOWED: dict[str, set[str]] = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"align", "bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "td": {"align", "bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "th": {"align", "bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "tr": {"align", "bgcolor", "valign"}, "col": {"span", "width"}, "ol": {"start", "type"}, "ul": {"type"},
    "p": {"align"}, "div": {"align"}, "*": {"lang", "dir", "style"},
}  # fmt: skip
# Neither svg nor math nor any element with parsing rules of its own: mutation attacks (mXSS) use those.
_TAGS = {
    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd",
    "del", "details", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_REMOVED_WITH_CONTENT = {
    "script", "style", "title", "head", "iframe", "object", "embed", "noscript", "template", "noembed",
}  # fmt: skip
_PRE_NEWLINES = re.compile(r"(<pre(?: [a-z-]+=\"[^\"]*\")*>)\n+")
_TAG = re.compile(r"<(/?)([a-z0-9]+)((?: [a-z-]+=\"[^\"]*\")*)>")
_WITHOUT_END = frozenset({"br", "col", "hr", "img"})
# Chromium's parser flattens what nests deeper than 512 elements; html5ever does not.
_MOST_DEPTH = 400
_MOST_ROUNDS = 6
_CLEANERS: "dict[bool, nh3.Cleaner]" = {}


class Sanitized(NamedTuple):
    """Harmless HTML, and how many remote images were removed from it; `is_text` if only the text is left."""

    html: str
    remote_images: int = 0
    is_text: bool = False


def sanitize(source: str, *, remote_images: bool = False) -> Sanitized:
    """Return HTML that cannot run anything, and loads nothing but the mail's own images (`cid:`).

    With `remote_images`, images of other servers stay, by https only. Links are http, https, mailto or tel and open
    in a new window. Cleaning the result again changes nothing, also after another parser has read and written it
    (reference/threats-and-faults.md, threat 27). Input longer than MAX_HTML_CHARS is cut; input that is unsafe to
    parse, or that still changes after six rounds, is returned as its text.
    """
    source = without_open_drawings(source[:MAX_HTML_CHARS].encode("utf-8", "replace").decode())
    if is_explosive(source):
        return _as_text_only(source)
    images = _RemoteImages()
    cleaned = _without_lost_space(_cleaner(_with_remote if remote_images else images).clean(source))
    if len(cleaned) > MAX_HTML_CHARS:
        return _as_text_only(source)
    for _ in range(_MOST_ROUNDS):
        again = _without_lost_space(_cached_cleaner(remote_images).clean(cleaned))
        if again == cleaned and not is_explosive(cleaned) and _depth_of(cleaned) <= _MOST_DEPTH:
            return Sanitized(cleaned, images.count)
        cleaned = again
    return _as_text_only(cleaned)


def with_images(clean: str, address_of: "Callable[[str], str | None]") -> str:
    """Return sanitised HTML with each `cid:` image at its address; one without an address keeps only its `alt`."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src" and value[:4].lower() == "cid:":
            return address_of(value[4:])
        return value

    return _without_lost_space(_cleaner(attribute).clean(clean))


def _as_text_only(source: str) -> Sanitized:
    # An escaped character is at most five long, so the result is never cut when it is cleaned again.
    text = to_text(source)[: (MAX_HTML_CHARS - 100) // 5].replace("\xa0", " ").replace("\r", "")
    return Sanitized(f"<pre>{entities.escape(text, quote=False).strip(chr(10))}</pre>", is_text=True)


def _without_lost_space(cleaned: str) -> str:
    # A parser drops the first line end in a <pre>, and leading white space: each round would lose some.
    return _PRE_NEWLINES.sub(r"\1", cleaned).lstrip(" \t\n\r\f")


def _depth_of(cleaned: str) -> int:
    depth = deepest = 0
    for closing, name, _ in _TAG.findall(cleaned):
        if name not in _WITHOUT_END:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def _cached_cleaner(remote_images: bool) -> "nh3.Cleaner":
    if remote_images not in _CLEANERS:
        _CLEANERS[remote_images] = _cleaner(_with_remote if remote_images else _RemoteImages())
    return _CLEANERS[remote_images]


def _cleaner(attribute_filter: "AttributeFilter") -> "nh3.Cleaner":
    import nh3

    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_REMOVED_WITH_CONTENT,
        attributes=_ALLOWED,
        attribute_filter=attribute_filter,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_relative="deny",
    )


class _RemoteImages:
    """Removes the images of other servers, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name == "src" and value[:4].lower() != "cid:":
            self.count += value[:7].lower() == "http://" or value[:8].lower() == "https://"
            return None
        return _attribute(tag, name, value)


def _with_remote(tag: str, name: str, value: str) -> str | None:
    if name == "src" and value[:7].lower() == "http://":
        return f"https://{value[7:]}"
    if name == "src" and value[:4].lower() != "cid:" and value[:8].lower() != "https://":
        return None
    return _attribute(tag, name, value)


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if tag == "img" else None
    if name == "href":
        return value if value.lower().startswith(("http://", "https://", "mailto:", "tel:")) else None
    if name == "style":
        return safe_style(value)
    return value
