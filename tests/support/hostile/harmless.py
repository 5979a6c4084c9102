"""Finds why sanitised HTML is not harmless, or changes when it is cleaned again, as other parsers see it."""

from selectolax.lexbor import LexborHTMLParser

from banxway.providers.mail.html.sanitizing import sanitize

ALLOWED_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
    ]
)
ALLOWED_ATTRIBUTES = frozenset(
    [
        "href",
        "src",
        "alt",
        "title",
        "width",
        "height",
        "color",
        "face",
        "size",
        "align",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "colspan",
        "rowspan",
        "valign",
        "span",
        "start",
        "type",
        "lang",
        "dir",
        "rel",
        "target",
        "style",
    ]
)
_STYLE_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#%.,+/() -:;")


def reason_why_not(clean: str, *, remote_images: bool = False) -> str | None:
    """Return what is wrong with it; None if it is harmless and cleaning it again changes nothing.

    Again also means: after lexbor has read and written it.
    """
    if sanitize(clean, remote_images=remote_images).html != clean:
        return "cleaning again changes it"
    body = LexborHTMLParser(clean).body
    if body is None:
        return "no body" if clean.strip() else None
    for node in body.css("*"):
        reason = _reason(node.tag or "", node.attributes, remote_images)
        if reason and node.tag != "body":
            return reason
    again = sanitize(body.inner_html or "", remote_images=remote_images).html
    return None if again == clean else "lexbor's copy is cleaned into something else"


def _reason(tag: str, attributes: dict[str, str | None], remote_images: bool) -> str | None:
    if tag not in ALLOWED_TAGS:
        return f"tag {tag}"
    for name, value in attributes.items():
        lowered = (value or "").lower()
        schemes = ("cid:", "https://") if remote_images else ("cid:",)
        if name not in ALLOWED_ATTRIBUTES:
            return f"attribute {name}"
        if name == "href" and not lowered.startswith(("http://", "https://", "mailto:")):
            return f"link {value}"
        if name == "src" and not lowered.startswith(schemes):
            return f"source {value}"
        if name == "style" and (set(value or "") - _STYLE_SIGNS or "url" in lowered or "position" in lowered):
            return f"style {value}"
    return None
