"""Mail HTML: as text it loses nothing, as HTML it can neither run nor load anything."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from banxway.providers.mail.html import sanitize, to_text
from banxway.providers.mail.html_shape import is_explosive

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a script in odd case": "<ScRiPt >alert(1)</sCrIpT>",
    "an unclosed script": "<script>alert(1)",
    "a nested script": "<scr<script>ipt>alert(1)</script>",
    "an event handler": '<img src="cid:a" onerror=alert(1)>',
    "a handler after a slash": "<img/src=x/onerror=alert(1)>",
    "an svg handler": "<svg onload=alert(1)>",
    "an svg script": "<svg><script>alert(1)</script></svg>",
    "svg style": "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "math mutation": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "noscript mutation": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "form mutation": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "a javascript link": '<a href="javascript:alert(1)">x</a>',
    "a javascript link with a tab": '<a href="java\tscript:alert(1)">x</a>',
    "an encoded scheme": '<a href="&#106;avascript:alert(1)">x</a>',
    "a data link": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "a vbscript link": '<a href="vbscript:x">x</a>',
    "a control character in a scheme": '<a href="\x01javascript:alert(1)">x</a>',
    "a relative link": '<a href="/settings/delete">x</a>',
    "a scheme-less link": '<a href="//evil.example/x">x</a>',
    "a file link": '<a href="file:///etc/passwd">x</a>',
    "a form": '<form action="https://evil.example"><input name=password><button>go</button></form>',
    "an iframe": '<iframe src="https://evil.example"></iframe>',
    "srcdoc": "<iframe srcdoc='<script>alert(1)</script>'>",
    "an object": '<object data="x.swf"></object>',
    "an embed": "<embed src=x>",
    "a base": '<base href="https://evil.example/">',
    "a refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "a stylesheet": '<link rel="stylesheet" href="https://evil.example/a.css">',
    "a style with import": "<style>@import 'https://evil.example';</style>",
    "a style attribute": '<p style="background:url(https://evil.example)">x</p>',
    "a background": '<table background="https://evil.example/a.png"><tr><td>x</table>',
    "a remote image": '<img src="https://evil.example/pixel.png" alt="x">',
    "srcset": '<img srcset="https://evil.example/a.png 2x">',
    "a picture": '<picture><source srcset="https://evil.example/a"></picture>',
    "video": '<video poster="https://evil.example/a" src="https://evil.example/b">',
    "audio": "<audio src=https://evil.example/b>",
    "a data image": '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    "an xlink": '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "a template": "<template><script>alert(1)</script></template>",
    "an id that shadows a global": '<a id="location" name="cookie">x</a>',
    "a class": '<p class="console-button">x</p>',
    "a null in a tag": "<scr\x00ipt>alert(1)</script>",
    "a conditional comment": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "a comment that ends early": "<!--><script>alert(1)</script>-->",
    "cdata": "<![CDATA[<script>alert(1)</script>]]>",
    "a textarea": "<textarea><img src=x onerror=alert(1)></textarea>",
    "a title": "<title><img src=x onerror=alert(1)></title>",
    "a backtick": "<img src=`x`onerror=alert(1)>",
    "an isindex": "<isindex type=image src=1 onerror=alert(1)>",
    "a details toggle": "<details open ontoggle=alert(1)>x",
    "an animation": "<svg><animate onbegin=alert(1) attributeName=x>",
    "xml": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>&e;</p>',
    "plaintext": "<plaintext><script>",
    "pre with leading lines": "<pre>\n\n\nx</pre>",
    "tables within paragraphs": "<p><table><p><tr><p>x",
    "links in links": '<a href="https://a.example">a<a href="https://b.example">b',
    "lists in lists": "<li><ul><li></ul><p></li>",
    "a frameset": "<frameset><frame src=x>",
    "a portal": "<portal src=https://evil.example>",
    "a dialog": "<dialog open>x</dialog>",
    "a custom element": "<x-y onclick=alert(1)>x</x-y>",
    "an import map": '<script type="importmap">{}</script>',
    "a marquee": "<marquee onstart=alert(1)>x",
}
FORBIDDEN_TAGS = frozenset(
    {
        "script",
        "style",
        "svg",
        "math",
        "form",
        "input",
        "button",
        "iframe",
        "object",
        "embed",
        "link",
        "meta",
        "base",
        "video",
        "audio",
        "template",
        "title",
        "textarea",
        "noscript",
        "select",
        "frame",
        "frameset",
        "dialog",
        "portal",
    }
)
ALLOWED_ATTRIBUTES = frozenset(
    {
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
    }
)


def assert_harmless(clean: str) -> None:
    """As a browser's parser sees it: only known attributes, and references of the allowed kinds."""
    body = LexborHTMLParser(clean).body
    assert body is not None
    for node in body.css("*"):
        assert node.tag not in FORBIDDEN_TAGS
        for name, value in node.attributes.items():
            assert name in ALLOWED_ATTRIBUTES
            if name == "href":
                assert (value or "").lower().startswith(("http://", "https://", "mailto:"))
            if name == "src":
                assert (value or "").lower().startswith("cid:")


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_html_becomes_harmless_and_stays_as_it_is(source: str) -> None:
    clean = sanitize(f"<p>before</p>{source}<p>after</p>")

    assert_harmless(clean)
    assert sanitize(clean) == clean


FRAGMENTS = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<a href='https://a.example'>",
    "</a>",
    "<svg>",
    "</svg>",
    "<math>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<pre>",
    "\n",
    "</pre>",
    "&lt;",
    "&",
    "<img src=cid:a>",
    "<img src=x onerror=y>",
    "text",
    "<li>",
    "<ul>",
    "</ul>",
    "<template>",
    "<noscript>",
    "</noscript>",
    "<select>",
    "<option>",
    "<font color=red>",
    "<title>",
    "</title>",
    "<h1>",
    "<div align='x\">'>",
    "'",
    '"',
    ">",
    "<",
    "\x00",
    "\xa0",
    "\u200b",
    "<plaintext>",
    "<mtext>",
    "<mglyph>",
    "<annotation-xml>",
    "<foreignObject>",
    "<textarea>",
    "<form>",
    "<dd>",
    "<ruby><rt>",
    "<caption>",
    "<col>",
    "<![CDATA[",
    "]]>",
    "<nobr>",
    "<br>",
    "<hr>",
    "<iframe>",
    "\r",
]


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=30).map("".join))
def test_cleaning_twice_is_cleaning_once(source: str) -> None:
    clean = sanitize(source)

    assert sanitize(clean) == clean
    assert_harmless(clean)


def test_links_open_apart_and_images_of_the_mail_stay() -> None:
    clean = sanitize('<a href="https://example.com/a">go</a><img src="cid:one@x" alt="logo">')

    assert 'rel="noopener noreferrer"' in clean
    assert 'target="_blank"' in clean
    assert '<img src="cid:one@x" alt="logo">' in clean


def test_a_remote_image_leaves_its_description_only() -> None:
    assert (
        sanitize('<img src="https://evil.example/p.png" alt="logo" width="1">')
        == '<img width="1" alt="logo">'
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("<div>one</div>\n<div>two</div>", "one\ntwo"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("a <a href='https://x.example'>link</a> here", "a link here"),
        ("<head><title>no</title></head><style>p{}</style><script>no</script>yes", "yes"),
        ("<p>many    spaces\n and lines", "many spaces and lines"),
        ("&lt;b&gt; &amp; &eacute;", "<b> & é"),
        ("plain &amp; simple", "plain & simple"),
        ("<p>a\u200bb\xadc</p>", "abc"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("", ""),
    ],
    ids=[
        "paragraphs",
        "break",
        "blocks",
        "list",
        "table",
        "link",
        "skipped",
        "spaces",
        "entities",
        "no tags",
        "invisible",
        "signs",
        "empty",
    ],
)
def test_html_reads_as_text(source: str, text: str) -> None:
    assert to_text(source) == text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=40).map("".join))
def test_any_html_yields_storable_text(source: str) -> None:
    text = to_text(source)

    assert "\x00" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("depth", [255, 2_000, 20_000, 90_000])
def test_text_within_and_after_deep_nesting_is_kept(depth: int) -> None:
    source = "<div>" * depth + "inside" + "</div>" * (depth // 2) + "after"

    text = to_text(source)

    assert "inside" in text
    assert "after" in text


EXPLOSIVE = {
    "reopened formatting": "<p>" + "".join(f"<b id={i}>" for i in range(700)) + "<p>x" * 100_000,
    "ends that do not count": "<p>"
    + "".join(f"<b id={i}><table></b></table>" for i in range(700))
    + "<p>x" * 100_000,
    "ends in comments": "<p>" + "".join(f"<b id={i}><!-- </b> -->" for i in range(700)) + "<p>x" * 100_000,
    "ends in attributes": "<p>"
    + "".join(f'<b id={i}><p title="> </b>">' for i in range(700))
    + "<p>x" * 100_000,
    "crowded tags": "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x",
    "ampersands": "&" * 900_000,
    "depth": "<div>" * 150_000,
}


@pytest.mark.parametrize("source", EXPLOSIVE.values(), ids=EXPLOSIVE.keys())
def test_html_that_would_explode_in_a_parser_is_shown_as_text(source: str) -> None:
    started = time.process_time()

    clean = sanitize(source)

    assert time.process_time() - started < 3
    assert clean.startswith("<pre>")
    assert sanitize(clean) == clean


def test_a_long_newsletter_is_not_taken_for_an_attack() -> None:
    link = '<a href="https://example.com/{0}"><b>Offer {0}</b></a>'
    row = f'<tr><td style="x">{link}<p><font color="red">now</font></td></tr>'
    newsletter = "<table>" + "".join(row.format(i) for i in range(2500)) + "</table>"

    assert not is_explosive(newsletter)
