"""Endless hostile HTML: what parsers disagree about, put together at random.

python -m tests.support.hostile.html_grammar 1000000      clean a million, print what a second cleaning changes
"""

import random
import sys
from collections.abc import Iterator

_TAGS = [
    "a",
    "abbr",
    "address",
    "annotation-xml",
    "article",
    "audio",
    "b",
    "base",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "desc",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "font",
    "foreignObject",
    "form",
    "frame",
    "frameset",
    "h1",
    "h6",
    "head",
    "hr",
    "html",
    "i",
    "iframe",
    "image",
    "img",
    "input",
    "isindex",
    "li",
    "link",
    "listing",
    "malignmark",
    "marquee",
    "math",
    "menu",
    "meta",
    "mglyph",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "nobr",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "picture",
    "plaintext",
    "portal",
    "pre",
    "q",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "script",
    "section",
    "select",
    "slot",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "use",
    "var",
    "video",
    "wbr",
    "x-y",
    "xmp",
]
_NAMES = [
    "href",
    "src",
    "style",
    "class",
    "id",
    "name",
    "title",
    "alt",
    "srcset",
    "background",
    "xlink:href",
    "onerror",
    "onclick",
    "formaction",
    "action",
    "poster",
    "data",
    "type",
    "dir",
    "lang",
    "align",
    "bgcolor",
    "width",
    "colspan",
    "target",
    "rel",
    "ping",
    "srcdoc",
    "is",
    "slot",
    "encoding",
    "definitionurl",
]
_VALUES = (
    "x", "", "javascript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,<b>",
    "https://evil.example/a", "http://evil.example/b", "//evil.example/c", "cid:one", "CID:two@x", "cid:",
    "mailto:a@b.example", "color:red", "background:url(//evil.example)", "color:red;position:fixed;top:0",
    "font-family:'a\\27;color:red'", "width:expression(alert(1))", "behavior:url(x)", "-moz-binding:url(x)",
    "color:/*;*/red", "color:\\72 ed", "@import 'x'", "color:rgb(1,2,3)", "width:calc(1px + 2px)",
    "</style><img src=x onerror=alert(1)>", "<b>", "--><b>", "]]>", "`", "'", '"', "&quot;", "&lt;img&gt;",
    "&#106;avascript:x", "text/html", "image/svg+xml", "\x00", "\u2028", "1", "100%", "-1", "rtl", "_self",
)  # fmt: skip
_TEXTS = (
    "text", "\n", "\r", "\r\n", "\t", "\x00", "\x0c", "\xa0", "\u200b", "\ufeff", "\ufffe", "\U0001f600", "&", "&amp",
    "&lt;", "&lt;script&gt;", "&nbsp;", "&#0;", "&#x80;", "&#xD800;", "<", ">", "</", "<!", "<?", "<!-", "--", "-->",
    "--!>", "<!-->", "<!--", "<!--->", "<![CDATA[", "]]>", "<!doctype html>", "<?xml?>", "<//>", "</ b>", "\u0130",
    "\u212a", "]]", "<a", "<b ", "='", '="',
)  # fmt: skip


def sources(dice: random.Random, count: int) -> Iterator[str]:
    """Yield inputs of up to some forty pieces each."""
    for _ in range(count):
        yield _source(dice)


def _source(dice: random.Random) -> str:
    out: list[str] = []
    opened: list[str] = []
    # Few kinds of tag in one input, or those that act on each other would seldom meet.
    tags = dice.sample(_TAGS, dice.randint(2, 9))
    for _ in range(dice.randint(1, 40)):
        roll = dice.random()
        if roll < 0.45:
            tag = dice.choice(tags)
            opened.append(tag)
            out.append(f"<{_cased(dice, tag)}{_attributes(dice)}{dice.choice(('>', '>', '>', '/>', ' >'))}")
        elif roll < 0.75 and opened:
            # Often the wrong one, so that elements cross.
            out.append(f"</{opened.pop(dice.randrange(len(opened)))}>")
        elif roll < 0.8:
            out.append(f"</{dice.choice(tags)}>")
        else:
            out.append(dice.choice(_TEXTS))
    return "".join(out)


def _cased(dice: random.Random, tag: str) -> str:
    return tag if dice.random() < 0.9 else "".join(dice.choice((sign, sign.upper())) for sign in tag)


def _attributes(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return ""
    out = ""
    for _ in range(dice.randint(1, 3)):
        name, value = dice.choice(_NAMES), dice.choice(_VALUES)
        quote = dice.choice(('"', '"', "'", ""))
        out += f"{dice.choice((' ', ' ', '/', chr(10)))}{name}={quote}{value}{quote}"
    return out


def _main(count: int, seed: int) -> int:
    from banxway.providers.mail.html.sanitizing import sanitize
    from tests.support.hostile.harmless import reason_why_not

    wrong = 0
    for source in sources(random.Random(seed), count):
        for remote in (False, True):
            clean = sanitize(source, remote_images=remote).html
            found = reason_why_not(clean, remote_images=remote)
            if found:
                wrong += 1
                sys.stdout.write(f"{found}: {source!r} -> {clean!r}\n")
    sys.stdout.write(f"{count} inputs from seed {seed}: {wrong} wrong\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.path.insert(0, "layers/banxway")
    sys.exit(_main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
