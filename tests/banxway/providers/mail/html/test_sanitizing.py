"""Sanitised HTML can neither run nor load anything, and stays safe when another parser reads it.

reference/threats-and-faults.md, threat 27: cleaning a second time changes nothing, also after lexbor and a real
browser have read and written the result. `python -m tests.support.hostile.html_grammar` tries any number of inputs.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.html.sanitizing import sanitize, with_images
from tests.support.gates.chance import dice, in_soak
from tests.support.hostile.chromium import Browser
from tests.support.hostile.harmless import reason_why_not
from tests.support.hostile.html_fragments import EXPLOSIVE, FRAGMENTS, HOSTILE
from tests.support.hostile.html_grammar import sources
from tests.support.hostile.round_trip import through_chromium
from tests.support.timing.work import work_of

A_PROGRAM = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("remote_images", [False, True], ids=["own images", "all images"])
@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_html_becomes_harmless_and_stays_as_it_is(source: str, remote_images: bool) -> None:
    clean = sanitize(f"<p>before</p>{source}<p>after</p>", remote_images=remote_images).html

    assert reason_why_not(clean, remote_images=remote_images) is None


@settings(max_examples=in_soak(600, else_=100))
@given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=30).map("".join))
def test_cleaning_twice_is_cleaning_once(source: str) -> None:
    assert reason_why_not(sanitize(source).html) is None


@pytest.mark.random
@pytest.mark.parametrize("remote_images", [False, True], ids=["own images", "all images"])
def test_thousands_of_inputs_of_a_grammar_come_to_rest(remote_images: bool) -> None:
    inputs = sources(dice(27), in_soak(6_000, else_=1_000))
    cleaned = ((source, sanitize(source, remote_images=remote_images).html) for source in inputs)

    wrong = {source: reason_why_not(clean, remote_images=remote_images) for source, clean in cleaned}

    assert {source: reason for source, reason in wrong.items() if reason} == {}


@pytest.mark.random
def test_what_a_real_browser_makes_of_it_is_cleaned_into_the_same(chromium: Browser) -> None:
    hostile = [*HOSTILE.values(), *sources(dice(2027), in_soak(8_000, else_=800))]
    cleaned = list(dict.fromkeys(sanitize(source).html for source in hostile))

    seen = through_chromium(chromium, cleaned)

    changed = {
        clean: copy
        for clean, copies in zip(cleaned, seen.written, strict=True)
        for copy in copies
        if sanitize(copy).html != clean
    }
    assert seen.ran == 0
    assert changed == {}


def test_the_browser_would_have_run_what_was_not_cleaned(chromium: Browser) -> None:
    seen = through_chromium(chromium, [A_PROGRAM, sanitize(A_PROGRAM).html], until="ran > 0")

    assert seen.ran == 1
    assert seen.written[1] == ("<img>", "<img>")


@pytest.mark.parametrize("depth", [399, 401, 600, 2500])
def test_what_a_browser_would_flatten_is_shown_as_text(depth: int) -> None:
    clean = sanitize("<div>" * depth + "deep" + "</div>" * depth).html

    assert "deep" in clean
    assert clean.startswith("<pre>") == (depth > 400)


@pytest.mark.parametrize("source", EXPLOSIVE.values(), ids=EXPLOSIVE.keys())
def test_html_that_would_explode_in_a_parser_is_shown_as_text(source: str) -> None:
    work = work_of(lambda: sanitize(source))
    clean = sanitize(source).html

    assert work.steps < 15 * len(source)
    assert work.handed < 20 * len(source)
    assert clean.startswith("<pre>")
    assert sanitize(clean).html == clean


def test_links_open_apart_and_tell_nobody_where_they_were() -> None:
    assert sanitize('<a href="https://example.com/a" target=_self rel=opener>go</a>').html == (
        '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer nofollow">go</a>'
    )


def test_an_image_of_another_server_leaves_its_words_and_is_counted() -> None:
    cleaned = sanitize('<img src="https://evil.example/p.png" alt="logo" width="1"><img src="cid:one@x">')

    assert cleaned.html == '<img width="1" alt="logo"><img src="cid:one@x">'
    assert cleaned.remote_images == 1


def test_asked_for_images_come_by_https_alone() -> None:
    source = (
        '<img src="http://a.example/x"><img src="HTTPS://b.example/y"><img src="data:image/png;base64,AA">'
    )

    cleaned = sanitize(source, remote_images=True)

    assert cleaned.html == '<img src="https://a.example/x"><img src="HTTPS://b.example/y"><img>'
    assert cleaned.remote_images == 0


def test_images_of_the_mail_get_the_address_that_is_found_for_them() -> None:
    clean = sanitize('<img src="cid:one" alt="a"><img src="cid:two" alt="b">').html

    shown = with_images(clean, {"one": "http://127.0.0.1:8000/x?a=1&b=2"}.get)

    assert shown == '<img src="http://127.0.0.1:8000/x?a=1&amp;b=2" alt="a"><img alt="b">'


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: RED; background:#fff", "color: RED; background: #fff"),
        ("font: 12px/1.5 'Segoe UI', \"Arial\"", "font: 12px/1.5 Segoe UI, Arial"),
        ("width:10px !important", "width: 10px"),
        ("color:rgb(1, 2, 3);color:RGBA(0,0,0,.5)", "color: rgb(1, 2, 3); color: RGBA(0,0,0,.5)"),
        ("position:fixed;top:0;z-index:9;opacity:0;transform:none;color:red", "color: red"),
        ("background:url(//evil.example)", None),
        ("background:u\\72l(//evil.example)", None),
        ("background:image-set('x' 1x)", None),
        ("width:expression(alert(1))", None),
        ("width:calc(1px + 2px)", None),
        ("color:var(--x)", None),
        ("color:\\72 ed", None),
        ("--x:red", None),
        ("color:/**/red", None),
        ("color:red/*;*/;margin:0", "margin: 0"),
        ("behavior:url(x);-moz-binding:url(x);content:'x'", None),
        ("@import 'x'", None),
        ("color:red}body{color:blue", None),
        ("list-style:url(x);list-style-type:disc", "list-style-type: disc"),
        ("cursor:url(x),auto;animation:a 1s;filter:blur(1px)", None),
        ("color", None),
        (";;;", None),
        ("color:" + "a" * 300, None),
    ],
)
def test_a_style_keeps_its_looks_only(style: str, kept: str | None) -> None:
    quoted = style.replace('"', "&quot;")

    assert sanitize(f'<p style="{quoted}">x</p>').html == (f'<p style="{kept}">x</p>' if kept else "<p>x</p>")


def test_a_style_without_end_is_cut() -> None:
    clean = sanitize(f"<p style='{'color:red;' * 1_000}'>x</p>").html

    assert clean.count("color: red") == 60


def test_line_ends_at_the_beginning_of_pre_are_dropped_at_once() -> None:
    clean = sanitize("<pre>" + "\n" * 100 + "x</pre>")

    assert (clean.html, clean.is_text) == ("<pre>x</pre>", False)
