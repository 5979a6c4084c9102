"""Mail HTML becomes text without losing any."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.html.shape import is_explosive
from banxway.providers.mail.html.text import to_text
from tests.support.gates.chance import in_soak
from tests.support.hostile.html_fragments import EXPLOSIVE, FRAGMENTS


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


@settings(max_examples=in_soak(300, else_=100))
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


@pytest.mark.parametrize("name", [name for name in EXPLOSIVE if name.startswith("ends")])
def test_ends_that_do_not_count_close_nothing(name: str) -> None:
    assert is_explosive(EXPLOSIVE[name])


def test_ampersands_are_parsed_up_to_a_number() -> None:
    assert not is_explosive("&" * 50_000)
    assert is_explosive("&" * 50_001)


def test_a_long_newsletter_is_not_taken_for_an_attack() -> None:
    link = '<a href="https://example.com/{0}"><b>Offer {0}</b></a>'
    row = f'<tr><td style="x">{link}<p><font color="red">now</font></td></tr>'
    newsletter = "<table>" + "".join(row.format(i) for i in range(2500)) + "</table>"

    assert not is_explosive(newsletter)


def test_a_long_text_without_tags_is_not_taken_for_an_attack() -> None:
    lines = "".join(
        f"2026-01-15 10:{i % 60:02}:00 worker {i} took a message's body and said 'done'\n"
        for i in range(1200)
    )
    prose = " ".join(f"word{i * i % 3001}" for i in range(30_000))

    assert not is_explosive(f"<p>{prose}</p>")
    assert not is_explosive(f"<pre>{lines}</pre>")
