"""A signature stands under what was written, and above what it quotes."""

import pytest

from banxway.services.messages.channels.email import signatures as mail_signatures
from banxway.services.messages.channels.email.signatures import sign, sign_html, sign_text
from banxway.storage.email_accounts import AccountRow
from tests.support.product.stored import row_of
from tests.support.timing.pattern_steps import counting

SIGNATURE = "Support\nBanxway"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Hello", "Hello\n\n-- \nSupport\nBanxway"),
        ("Hello\n\n> Where is it?", "Hello\n\n-- \nSupport\nBanxway\n\n> Where is it?"),
        (
            "Hello\n\nOn Thu, Asha wrote:\n> Where\n> is it?\n",
            "Hello\n\n-- \nSupport\nBanxway\n\nOn Thu, Asha wrote:\n> Where\n> is it?\n",
        ),
        (
            "Hello\n\nOn Thu, 15 Jan 2026,\nAsha <asha@x.example> wrote:\n\n> Where?",
            "Hello\n\n-- \nSupport\nBanxway\n\nOn Thu, 15 Jan 2026,\nAsha <asha@x.example> wrote:\n\n> Where?",
        ),
        ("> Where?\n\nIn the post", "> Where?\n\nIn the post\n\n-- \nSupport\nBanxway"),
        (
            "Two things:\n> a quote\nand more",
            "Two things:\n> a quote\nand more\n\n-- \nSupport\nBanxway",
        ),
    ],
    ids=["nothing quoted", "a quote", "attribution", "attribution of two lines", "answered below", "inside"],
)
def test_a_text_is_signed_above_the_quote_that_ends_it(body: str, expected: str) -> None:
    assert sign_text(body, SIGNATURE) == expected


@pytest.mark.parametrize("signature", ["-- \nSupport", "--\nSupport"])
def test_a_separator_of_its_own_is_not_doubled(signature: str) -> None:
    assert sign_text("Hello", signature) == f"Hello\n\n{signature}"


@pytest.mark.parametrize("signature", ["", " \n"])
def test_no_signature_changes_nothing(signature: str) -> None:
    assert (sign_text("Hello", signature), sign_html("<p>Hello</p>", signature)) == ("Hello", "<p>Hello</p>")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Hi</p>", "<p>Hi</p><br><br>SIG"),
        ("<html><body><p>Hi</p></body></html>\n", "<html><body><p>Hi</p><br><br>SIG</body></html>\n"),
        ("<p>Hi</p></BODY>", "<p>Hi</p><br><br>SIG</BODY>"),
        (
            "<p>Hi</p><blockquote type=cite>Where?</blockquote>",
            "<p>Hi</p><br>SIG<br><br><blockquote type=cite>Where?</blockquote>",
        ),
        (
            '<p>Hi</p><div class="gmail_quote">On Thu: <blockquote>Where?</blockquote></div>',
            '<p>Hi</p><br>SIG<br><br><div class="gmail_quote">On Thu: <blockquote>Where?</blockquote></div>',
        ),
        (
            "<blockquote>Where?</blockquote><p>In the post</p>",
            "<blockquote>Where?</blockquote><p>In the post</p><br><br>SIG",
        ),
    ],
    ids=["a fragment", "a document", "half a document", "a quote", "Gmail's quote", "answered below"],
)
def test_html_is_signed_above_the_quote_that_ends_it(body: str, expected: str) -> None:
    assert sign_html(body, "SIG") == expected


@pytest.mark.parametrize(
    ("plain", "rich", "text", "html"),
    [
        ("A & B", "", "Hi\n\n-- \nA & B", "<p>Hi</p><br><br>A &amp; B"),
        ("", "<b>C</b>", "Hi\n\n-- \n<C>", "<p>Hi</p><br><br><b>C</b>"),
    ],
    ids=["only text", "only HTML"],
)
def test_a_signature_of_one_form_serves_the_other(plain: str, rich: str, text: str, html: str) -> None:
    account = row_of(AccountRow, signature_text=plain, signature_html=rich)

    assert sign("Hi", "<p>Hi</p>", account=account, to_text=lambda _: "<C>") == (text, html)


@pytest.mark.parametrize(
    "body",
    [
        " " * 3_000,
        ">" * 3_000,
        ">\n" * 1_500,
        "<div " * 600,
        "<" * 3_000,
        "<blockquote>" * 250,
        "a:\n" * 1_000,
    ],
    ids=["spaces", "marks", "quoted lines", "tags", "brackets", "quotes", "colons"],
)
def test_no_body_takes_long_to_sign(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with counting(monkeypatch, mail_signatures, most=300 * len(body)):
        sign_text(body, SIGNATURE)
        sign_html(body, SIGNATURE)
