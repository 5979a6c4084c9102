"""A mail is rendered as a page: its trailing quote is folded if that hides nothing; hostile input costs little."""

import pytest

from banxway.models.messages.display import MailToShow
from banxway.providers.mail.html.display import show
from banxway.providers.mail.html.display_quotes import fold_quote
from banxway.providers.mail.html.text import to_text
from tests.support.gates.chance import in_soak
from tests.support.hostile.html_fragments import EXPLOSIVE
from tests.support.timing.work import peak_of, work_of
from tests.support.torture import corners

FOLDED = "<details><summary>Quoted text</summary>"


def nothing(_: str) -> None:
    return None


def page_of(html: str | None, text: str = "", reply_text: str | None = "Yes", **values: str) -> str:
    return show(MailToShow(html=html, text=text, reply_text=reply_text, **values), nothing).page


@pytest.mark.parametrize(
    "source",
    [
        '<div dir="ltr">Yes</div><br><div class="gmail_quote"><div>On Mon:</div><blockquote>OLD</blockquote></div>',
        '<div>Yes<div class="gmail_quote gmail_quote_container"><p>On Mon</p><blockquote>OLD</blockquote></div>',
        "<p>Yes</p><hr><div id=divRplyFwdMsg><b>From:</b> you</div><p>OLD</p><p>OLDER</p>",
        "<p>Yes</p><div id=appendonsend></div><hr><div><b>From:</b> you</div><p>OLD</p>",
        '<p>Yes</p><div class="moz-cite-prefix">On Mon:</div><blockquote type="cite">OLD</blockquote>',
        "<p>Yes</p><blockquote type='cite'>OLD</blockquote><br>",
        '<p>Yes</p><div class="yahoo_quoted">OLD</div>',
        '<p>Yes</p><div class="protonmail_quote">OLD</div>',
        "<p>Yes</p><span id=OLK_SRC_BODY_SECTION>OLD</span>",
        "<table><tr><td><p>Yes</p><div class=gmail_quote>OLD</div></td></tr></table>",
        '<img src="cid:photo"><div class="gmail_quote">OLD</div>',
    ],
)  # fmt: skip
def test_what_a_mail_quotes_at_its_end_is_folded_away(source: str) -> None:
    before, folded, behind = page_of(source).partition(FOLDED)

    assert folded
    assert "OLD" in behind.partition("</details>")[0]
    assert "OLD" not in before


@pytest.mark.parametrize(
    "source",
    [
        "<blockquote type=cite>OLD</blockquote><p>my answer below</p>",
        "<blockquote type=cite>OLD</blockquote><p>one</p><blockquote type=cite>OLD</blockquote><p>two</p>",
        '<p>Hi</p><div class="gmail_quote">OLD</div><p>my answer below</p>',
        '<p>Hi</p><p class="moz-cite-prefix">On Mon</p><blockquote type=cite>OLD</blockquote><p>below</p>',
        '<div class="gmail_quote">OLD</div>',
        "<p>Yes</p><blockquote>a quotation of a poem: OLD</blockquote>",
        "<p>no quote: OLD</p>",
    ],
    ids=[
        "answered below",
        "answered between",
        "below Gmail's",
        "below Thunderbird's",
        "nothing else",
        "a poem",
        "no quote",
    ],
)
def test_what_folding_would_hide_stays_open(source: str) -> None:
    page = page_of(source)

    assert "<details>" not in page
    assert "OLD" in page


def test_a_mail_whose_reply_was_not_found_stays_open() -> None:
    page = page_of("<p>My answers in red below</p><div class=gmail_quote>OLD</div>", reply_text=None)

    assert "<details>" not in page
    assert "OLD" in page


def test_folding_loses_no_words() -> None:
    folded = fold_quote("<p>a</p><div class=gmail_quote>b<p>c</div>")
    assert [folded.count(word) for word in (">a<", ">b<", ">c<")] == [1, 1, 1]


def test_a_mark_within_the_mail_cannot_move_the_fold() -> None:
    page = page_of("<p>a \x1aquote\x1a b</p><div class=gmail_quote>OLD</div>")

    assert page.index("quote b") < page.index(FOLDED) < page.index("OLD")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("https://a.example/?q='onclick=x", "https://a.example/?q="),
        ('https://a.example/"><b>', "https://a.example/"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2"),
        ("call tel:+91-22-4000.", "tel:+91-22-4000"),
        ("(TEL:02240001234)", "TEL:02240001234"),
    ],
)
def test_links_of_a_plain_text_are_links(text: str, link: str) -> None:
    assert f'<a href="{link}" target="_blank" rel="noopener noreferrer nofollow">{link}</a>' in page_of(
        None, text
    )


@pytest.mark.parametrize(
    "text",
    [
        "hotel:12345",
        "tel:",
        "tel:home",
        "javascript:alert(1)",
        "ftp://a",
        "www.a.example",
        "data:text/html,x",
        "https://",
    ],
)
def test_nothing_else_is_a_link(text: str) -> None:
    assert "<a " not in page_of(None, text)


def test_a_telephone_number_in_html_is_a_link() -> None:
    assert '<a href="tel:+912240001234" target="_blank"' in page_of('<a href="tel:+912240001234">call</a>')


@pytest.mark.parametrize(
    "source",
    [
        "<p>a</p><svg><circle/>LAST words",
        "<p>a</p><svg viewBox='0 0 1 1'><g><path d='M0'><p>LAST",
        "<p>a</p><math><mi>x</mi> LAST",
        "<p>a</p><MATH><mtext>LAST",
        "<svg><svg></svg><span>LAST</span>",
        "<svg/><svg><text>LAST",
    ],
)
def test_text_behind_a_drawing_that_is_never_closed_is_kept(source: str) -> None:
    assert "LAST" in page_of(source)
    assert "LAST" in to_text(source)


def test_what_stands_in_a_drawing_is_not_shown() -> None:
    assert to_text("<p>a<svg><text>within</text></svg>b</p>") == "ab"


def test_markup_in_a_plain_text_is_text() -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;" in page_of(
        None, "<script>alert(1)</script> &amp;"
    )


def test_markup_before_a_link_of_a_plain_text_is_text() -> None:
    assert "&lt;b&gt;x&lt;/b&gt; <a href=" in page_of(None, "<b>x</b> https://a.example")


def test_a_text_longer_than_a_page_is_cut() -> None:
    assert 1_000_000 < len(page_of(None, "x" * 2_000_000)) < 1_010_000


@pytest.mark.parametrize("source", EXPLOSIVE.values(), ids=EXPLOSIVE.keys())
def test_html_that_no_parser_should_see_is_replaced_by_the_whole_text(source: str) -> None:
    page = page_of(source, "the text " * 50_000 + "to its end")

    assert "to its end" in page


@pytest.mark.parametrize("corner", corners.HTML.values(), ids=corners.HTML)
def test_no_megabyte_of_mail_takes_more_than_two_seconds_or_256_megabytes_to_show(corner) -> None:
    """Work and memory are measured per character; `make soak` measures a whole megabyte."""
    source = corner(in_soak(1_000_000, else_=120_000))
    mail = MailToShow(html=source, text="words")

    work, peak = work_of(lambda: show(mail, nothing)), peak_of(lambda: show(mail, nothing))

    assert work.steps < 35 * len(source)
    assert work.handed < 75 * len(source)
    assert peak < 120 * len(source)


@pytest.mark.parametrize("corner", corners.TEXTS.values(), ids=corners.TEXTS)
def test_no_megabyte_of_plain_text_costs_more_than_its_length_to_show(corner) -> None:
    text = corner(1_000_000)
    mail = MailToShow(html=None, text=text)

    work = work_of(lambda: show(mail, nothing))

    assert work.steps < len(text) // 10
    assert work.handed < 10 * len(text)
    assert len(show(mail, nothing).page) < 5_900_000
