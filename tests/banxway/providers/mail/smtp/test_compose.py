import email
import re
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.errors import ValidationFailed
from banxway.models.messages.outgoing import OutgoingAttachment, OutgoingMail
from banxway.providers.mail.parse import parser
from banxway.providers.mail.smtp.compose.mail import compose, envelope_address
from tests.support.gates.chance import in_soak
from tests.support.timing.clocks import SetClock


def a_mail(**changes: object) -> OutgoingMail:
    fields = {
        "message_id": "<m1@banxway.example>",
        "sender": "support@example.test",
        "sender_name": "Acme Support",
        "to": "asha@example.org",
        "subject": "Your visit",
        "text": "Hello Asha",
    }
    given = fields | changes
    to = given["to"]
    return OutgoingMail(**given | {"to": (to,) if isinstance(to, str) else to})


def written(**changes: object):
    return email.message_from_bytes(compose(a_mail(**changes), clock=SetClock()), policy=default)


def test_a_mail_says_who_when_and_what():
    mail = written(html="<p>Hello</p>", headers={"X-Order": "7"})

    assert mail["From"] == "Acme Support <support@example.test>"
    assert (mail["To"], mail["Subject"]) == ("asha@example.org", "Your visit")
    assert (mail["Message-ID"], mail["X-Order"]) == ("<m1@banxway.example>", "7")
    assert mail["Date"].datetime == SetClock().now()
    assert mail.get_body(("plain",)).get_content().strip() == "Hello Asha"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hello</p>"


FIELDS = [
    "subject",
    "sender_name",
    "sender",
    "to",
    "message_id",
    "in_reply_to",
    "references",
    "headers",
    "cc",
    "reply_to",
    "loop_mark",
    "attachments",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "smuggled", ["\r\nBcc: eve@evil.example", "\n\n", "\r", "\0", "\r\n.\r\nMAIL FROM:<x>"]
)
def test_a_line_break_in_any_header_is_refused_by_the_fields_name(field: str, smuggled: str):
    plain = {
        "sender": "a@b.example",
        "to": "a@b.example",
        "message_id": "<a@b>",
        "in_reply_to": "<a@b>",
    }
    value: object = plain.get(field, "plain") + smuggled
    value = {
        "references": ("<a@b>" + smuggled,),
        "headers": {"X-A": value},
        "cc": ("a@b.example", "c@d.example" + smuggled),
        "attachments": (OutgoingAttachment("a.txt" + smuggled, "text/plain", b"x"),),
    }.get(field, value)

    with pytest.raises(ValidationFailed) as raised:
        compose(a_mail(**{"automatic": "vacation", field: value}), clock=SetClock())

    assert raised.value.details["field"] == field


@pytest.mark.parametrize(
    "name",
    [
        *("Subject", "from", "Bcc", "Content-Type", "References", "Reply-To", "Resent-To", "Received"),
        *("Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop", "Precedence", "Importance"),
        *("X A", "X:", "", "X-\u00e9", "X\r\nBcc"),
    ],
)
def test_a_header_that_is_not_free_is_refused(name: str):
    with pytest.raises(ValidationFailed) as raised:
        compose(a_mail(headers={name: "x"}), clock=SetClock())

    assert raised.value.details["field"] == "headers"


@pytest.mark.parametrize("names", [("X-Order", "x-order"), ("x-order", "X-Order")])
def test_a_header_set_twice_in_another_case_is_refused(names: tuple[str, str]):
    with pytest.raises(ValidationFailed):
        compose(a_mail(headers=dict.fromkeys(names, "7")), clock=SetClock())


@pytest.mark.parametrize("text", ["m1@x", "<m1@x", "<a b@x>", "<>", "<a><b>", ""])
def test_what_is_no_message_id_is_refused(text: str):
    with pytest.raises(ValidationFailed):
        compose(a_mail(message_id=text), clock=SetClock())


@pytest.mark.parametrize("odd", ["<café.1@mail.example>", f"<{'x' * 940}@mail.example>", "<>"])
def test_an_id_that_cannot_be_written_is_left_out(odd: str):
    """A stranger chose the id; it must not keep anybody from answering."""
    mail = written(in_reply_to=odd, references=("<first@mail.example>", odd))

    assert (mail["In-Reply-To"], mail["References"]) == (None, "<first@mail.example>")


@pytest.mark.parametrize(
    "odd", ["<[b7c5]-quoted id with space@odd.example>", '<"quoted local"@odd.example>', "<dotless-no-at>"]
)
def test_an_odd_id_is_repeated_byte_for_byte(odd: str):
    raw = compose(a_mail(in_reply_to=odd, references=("<first@x>", odd)), clock=SetClock())

    assert f"In-Reply-To: {odd}\r\n".encode() in raw
    assert f"References: <first@x>\r\n {odd}\r\n".encode() in raw


def test_several_are_written_to_at_once():
    mail = written(to=("asha@example.org", "ravi@example.org"))

    assert mail["To"] == "asha@example.org, ravi@example.org"


@pytest.mark.parametrize("field", ["sender", "to", "reply_to"])
def test_an_address_in_other_letters_is_refused_by_its_field_where_the_server_has_only_ascii(field: str):
    with pytest.raises(ValidationFailed) as raised:
        compose(a_mail(**{field: "jörg@customer.example"}), clock=SetClock())

    assert raised.value.details["field"] == field


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
    .filter(bool)
)
# Careless parsers, among them our own library, decode text that only looks encoded.
seemingly_encoded = st.sampled_from(
    [
        "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=",
        "=?utf-8?b?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
        "=?utf-8?q?a=00b?= tail",
        '"=?utf-8?q?=0A?=" \\',
        "=?x?",
    ]
)
hostile_line = st.one_of(one_line, seemingly_encoded)
file_names = st.text(max_size=250).filter(lambda text: not set(text) & set("\r\n\0"))


@settings(max_examples=in_soak(1000, else_=100))
@given(subject=hostile_line, name=hostile_line, value=hostile_line)
def test_what_was_written_is_what_is_read(subject: str, name: str, value: str):
    raw = compose(a_mail(subject=subject, sender_name=name, headers={"X-Note": value}), clock=SetClock())

    assert max(len(line) for line in raw.split(b"\r\n")) <= 998

    # The older parser shares no code with our writer.
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


@settings(max_examples=in_soak(1000, else_=100))
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
    assert envelope_address("to", address) == expected


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
        envelope_address("to", address)

    assert raised.value.details["field"] == "to"


def test_letters_beyond_ascii_in_an_address_are_written_as_such_only_for_smtputf8():
    raw = compose(a_mail(to="áşa@example.org"), clock=SetClock(), utf8=True)

    assert "To: áşa@example.org\r\n".encode() in raw


@settings(max_examples=in_soak(1000, else_=100))
@given(name=file_names, subject=hostile_line, kind=st.text(max_size=40))
def test_no_file_name_or_type_adds_a_header_or_changes_the_content(name: str, subject: str, kind: str):
    """Threat 24: parse(serialise(m)) has the same headers, in the mail and in its parts."""
    file = OutgoingAttachment(name, kind, b"\x00content\r\n.\r\n")
    image = OutgoingAttachment(name, "image/png", b"\x89PNG", content_id="logo@1")

    raw = compose(a_mail(subject=subject, html="<p>x</p>", attachments=(file, image)), clock=SetClock())

    assert raw.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    mail = email.message_from_bytes(raw)
    assert sorted(mail.keys()) == [
        *("Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To")
    ]
    text, rich = mail.get_payload(0).get_payload()
    assert [part.get_content_type() for part in (mail, *mail.get_payload(), text, rich)] == [
        "multipart/mixed",
        "multipart/alternative",
        mail.get_payload(1).get_content_type(),
        "text/plain",
        "multipart/related",
    ]
    attached, shown = mail.get_payload(1), rich.get_payload(1)
    for part, content in ((attached, file.content), (shown, image.content)):
        assert set(part.keys()) - {"Content-ID"} == {
            *("Content-Type", "Content-Transfer-Encoding", "Content-Disposition")
        }
        assert part.get_payload(decode=True) == content
    assert shown["Content-ID"].strip() == "<logo@1>"


@pytest.mark.parametrize(
    "name",
    [
        "invoice.pdf",
        "Rechnung März.pdf",
        "दस्तावेज़ " * 12 + ".pdf",
        'a "quoted" \\ name;=.txt',
        "=?utf-8?q?x?=.txt",
    ],
    ids=["plain", "umlaut", "long", "quotes", "seems encoded"],
)
def test_a_file_name_is_read_as_it_was_given(name: str):
    (part,) = written(attachments=(OutgoingAttachment(name, "application/pdf", b"%PDF"),)).iter_attachments()

    assert part.get_filename() == name
    assert (part.get_content_type(), part.get_content()) == ("application/pdf", b"%PDF")


def test_a_file_name_that_would_deceive_or_is_empty_is_made_plain():
    names = ["gpj.\u202eexe.photo", "\u200b\u2066", "", "a\tb.txt"]
    files = tuple(OutgoingAttachment(name, "text/plain", b"") for name in names)

    assert [part.get_filename() for part in written(attachments=files).iter_attachments()] == [
        *("gpj.exe.photo", "attachment", "attachment", "a b.txt")
    ]


def test_our_own_parser_finds_every_part_of_what_we_write():
    image = OutgoingAttachment("logo.png", "image/png", b"\x89PNG\r\n", content_id="logo")
    file = OutgoingAttachment("Angebot für Sie.pdf", "application/pdf", b"%PDF-1.7" * 1000)
    mail = a_mail(
        text="नमस्ते\n.\n..\nFrom here",
        html='<p>नमस्ते <img src="cid:logo"></p>',
        cc=("ravi@example.org", "mina@bücher.example"),
        reply_to="desk@example.test",
        references=tuple(f"<{number}@x.example>" for number in range(21)),
        in_reply_to="<20@x.example>",
        attachments=(image, file),
    )

    read = parser.parse(compose(mail, clock=SetClock()))

    assert read.problems == ()
    assert read.text.split() == mail.text.split()
    assert "cid:logo" in (read.html or "")
    assert [address.email for address in read.cc] == ["ravi@example.org", "mina@xn--bcher-kva.example"]
    assert [address.email for address in read.reply_to] == ["desk@example.test"]
    assert [f"<{each}>" for each in read.references] == list(mail.references)
    found = {part.filename: (part.content, part.content_id, part.is_inline) for part in read.attachments}
    assert found == {
        "logo.png": (image.content, "logo", True),
        "Angebot für Sie.pdf": (file.content, None, False),
    }


def test_a_blind_copy_is_in_no_header_and_no_part():
    raw = compose(a_mail(bcc=("hidden@example.org",)), clock=SetClock())

    assert b"hidden" not in raw


@pytest.mark.parametrize(
    ("priority", "importance", "number"), [("high", "high", "1"), ("normal", None, None), ("low", "low", "5")]
)
def test_priority_is_written_for_old_and_new_programs(
    priority: str, importance: str | None, number: str | None
):
    mail = written(priority=priority)

    assert (mail["Importance"], mail["X-Priority"]) == (importance, number)


@pytest.mark.parametrize(
    ("kind", "submitted", "precedence"),
    [("vacation", "auto-replied", "auto_reply"), ("forward", "auto-generated", "bulk")],
)
def test_an_automatic_mail_carries_every_mark_that_silences_robots(
    kind: str, submitted: str, precedence: str
):
    mail = written(automatic=kind, loop_mark="banxway-7")

    assert (mail["Auto-Submitted"], mail["Precedence"]) == (submitted, precedence)
    assert (mail["X-Auto-Response-Suppress"], mail["X-Loop"]) == ("All", "banxway-7")


def test_a_mail_of_a_person_carries_none_of_these_marks():
    marks = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Loop")

    assert [written(loop_mark="banxway-7")[mark] for mark in marks] == [None] * 4


def test_an_attached_mail_stays_a_mail_and_is_never_in_base64():
    original = b"From: a@b.example\nSubject: first\n\nHello\n"
    odd = b"Subject: \xff\r\n\r\nHello\r\n"
    files = (
        OutgoingAttachment("original.eml", "message/rfc822", original),
        OutgoingAttachment("odd.eml", "message/rfc822", odd),
    )

    whole, as_file = written(attachments=files).iter_attachments()

    assert whole.get_content()["Subject"] == "first"
    assert (as_file.get_content_type(), as_file.get_content()) == ("application/octet-stream", odd)


@pytest.mark.parametrize("content_id", ["a b", "<a>", "a\r\nX: y", "", "ä", "x" * 201])
def test_an_image_whose_content_id_cannot_be_written_is_attached(content_id: str):
    image = OutgoingAttachment("logo.png", "image/png", b"x", content_id=content_id)

    mail = written(html="<p>x</p>", attachments=(image,))

    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content(), file["Content-ID"]) == ("logo.png", b"x", None)
    assert mail["X"] is None


@pytest.mark.parametrize("content_id", ["a:b@x", "(1),[2]", "image001.png@01D9"])
def test_an_image_keeps_the_odd_content_id_that_a_stranger_gave_it(content_id: str):
    image = OutgoingAttachment("logo.png", "image/png", b"x", content_id=content_id)

    raw = compose(a_mail(html="<p>x</p>", attachments=(image,)), clock=SetClock())

    assert f"Content-ID:\r\n <{content_id}>\r\n".encode() in raw


def _decoded(text: str) -> str:
    return " ".join(str(make_header(decode_header(text))).split())


def _lines(text: str) -> list[str]:
    return re.split("\r\n|\r|\n", text.rstrip("\r\n"))
