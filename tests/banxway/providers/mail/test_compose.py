import email
import re
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.errors import ValidationFailed
from banxway.models.outgoing import OutgoingMail
from banxway.providers.mail.compose import compose, envelope_address
from tests.support.clocks import SetClock


def a_mail(**changes: object) -> OutgoingMail:
    fields = {
        "message_id": "<m1@banxway.example>",
        "sender": "support@example.test",
        "sender_name": "Acme Support",
        "recipient": "asha@example.org",
        "subject": "Your visit",
        "text": "Hello Asha",
    }
    return OutgoingMail(**fields | changes)


def written(**changes: object):
    return email.message_from_bytes(compose(a_mail(**changes), clock=SetClock()), policy=default)


def test_a_mail_says_who_when_and_what():
    mail = written(html="<p>Hello</p>", headers={"Auto-Submitted": "auto-replied"})

    assert mail["From"] == "Acme Support <support@example.test>"
    assert (mail["To"], mail["Subject"]) == ("asha@example.org", "Your visit")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<m1@banxway.example>", "auto-replied")
    assert mail["Date"].datetime == SetClock().now
    assert mail.get_body(("plain",)).get_content().strip() == "Hello Asha"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hello</p>"


FIELDS = [
    "subject",
    "sender_name",
    "sender",
    "recipient",
    "message_id",
    "in_reply_to",
    "references",
    "headers",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "smuggled", ["\r\nBcc: eve@evil.example", "\n\n", "\r", "\0", "\r\n.\r\nMAIL FROM:<x>"]
)
def test_a_line_break_in_any_header_is_refused_by_the_fields_name(field: str, smuggled: str):
    plain = {
        "sender": "a@b.example",
        "recipient": "a@b.example",
        "message_id": "<a@b>",
        "in_reply_to": "<a@b>",
    }
    value: object = plain.get(field, "plain") + smuggled
    value = {"references": ("<a@b>" + smuggled,), "headers": {"X-A": value}}.get(field, value)

    with pytest.raises(ValidationFailed) as raised:
        compose(a_mail(**{field: value}), clock=SetClock())

    assert raised.value.details["field"] == field


@pytest.mark.parametrize(
    "name", ["Subject", "from", "Bcc", "Content-Type", "X A", "X:", "", "X-\u00e9", "X\r\nBcc", "References"]
)
def test_a_header_that_is_not_free_is_refused(name: str):
    with pytest.raises(ValidationFailed) as raised:
        compose(a_mail(headers={name: "x"}), clock=SetClock())

    assert raised.value.details["field"] == "headers"


def test_a_header_set_twice_in_another_case_is_refused():
    with pytest.raises(ValidationFailed):
        compose(a_mail(headers={"Reply-To": "a@b.example", "reply-to": "c@d.example"}), clock=SetClock())


@pytest.mark.parametrize("text", ["m1@x", "<m1@x", "<a b@x>", "<>", "<a><b>", ""])
def test_what_is_no_message_id_is_refused(text: str):
    with pytest.raises(ValidationFailed):
        compose(a_mail(message_id=text), clock=SetClock())


@pytest.mark.parametrize("length", [20, 70, 80, 200, 700])
def test_message_ids_survive_at_any_length(length: int):
    ids = tuple(f"<{letter * length}@mail.example.com>" for letter in "abc")

    raw = compose(a_mail(message_id=ids[0], in_reply_to=ids[1], references=ids), clock=SetClock())

    mail = email.message_from_bytes(raw)
    assert (mail["Message-ID"], mail["In-Reply-To"]) == ids[:2]
    assert tuple(mail["References"].split()) == ids
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


one_line = (
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=120)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and "=?" not in text)
)


@given(subject=one_line, name=one_line, value=one_line)
def test_what_was_written_is_what_is_read(subject: str, name: str, value: str):
    raw = compose(a_mail(subject=subject, sender_name=name, headers={"X-Note": value}), clock=SetClock())

    # Read by the older parser, which shares no code with what wrote it.
    mail = email.message_from_bytes(raw)
    shown_name, address = parseaddr(" ".join(mail["From"].split()))
    assert _decoded(mail["Subject"]) == subject
    assert _decoded(mail["X-Note"]) == value
    assert (_decoded(shown_name), address) == (name, "support@example.test")
    assert sorted(mail.keys()) == [
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
        "X-Note",
    ]


@given(text=st.text(max_size=300), html=st.none() | st.text(max_size=100))
def test_any_body_is_seven_bit_with_whole_line_ends_and_reads_the_same(text: str, html: str | None):
    raw = compose(a_mail(text=text, html=html), clock=SetClock())

    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    mail = email.message_from_bytes(raw, policy=default)
    read = mail.get_body(("plain",)).get_content()
    storable = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    assert _lines(read) == _lines(storable)


def test_other_separators_in_a_subject_become_spaces():
    assert written(subject="one\u2028two\x0bthree\x85four")["Subject"] == "one two three four"


@pytest.mark.parametrize(
    ("address", "expected"),
    [("a.b+c@example.org", "a.b+c@example.org"), ("asha@bücher.example", "asha@xn--bcher-kva.example")],
)
def test_an_address_is_written_in_ascii_where_that_is_possible(address: str, expected: str):
    assert envelope_address("recipient", address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "@b",
        "a@",
        "a b@c",
        "a@b c",
        "<a@b>",
        "a@b>",
        "a@b,c@d",
        '"a b"@c',
        "a@[127.0.0.1]",
        "a@b@c",
        "a@" + "ü" * 80,
    ],
)
def test_what_is_no_plain_address_is_refused(address: str):
    with pytest.raises(ValidationFailed) as raised:
        envelope_address("recipient", address)

    assert raised.value.details["field"] == "recipient"


def test_letters_beyond_ascii_in_an_address_are_written_as_such_only_for_smtputf8():
    raw = compose(a_mail(recipient="áşa@example.org"), clock=SetClock(), utf8=True)

    assert "To: áşa@example.org\r\n".encode() in raw


def _decoded(text: str) -> str:
    return " ".join(str(make_header(decode_header(text))).split())


def _lines(text: str) -> list[str]:
    return re.split("\r\n|\r|\n", text.rstrip("\r\n"))
