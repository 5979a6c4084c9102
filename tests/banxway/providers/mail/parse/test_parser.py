"""Any bytes become a readable mail: a torture set, random damage, and comparison with the standard library."""

import email
import email.policy
import random
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.models.mail import ParsedMail
from banxway.providers.mail.parse import parser
from banxway.providers.mail.parse.limits import ParseLimits
from banxway.providers.mail.parse.parser import parse, read
from tests.support.gates.chance import dice, in_soak
from tests.support.timing.work import work_of
from tests.support.torture.case import FILE, HEAD, HTML, IMAGE, PLAIN, PLANT, TEXT, Case, multipart
from tests.support.torture.everything import all_cases

CASES = all_cases()


def assert_storable(mail: ParsedMail) -> None:
    """Require text that the database and JSON accept: no NUL, no lone surrogate; names and subjects on one line."""
    texts = [
        mail.subject,
        mail.text,
        mail.html or "",
        mail.message_id or "",
        mail.in_reply_to or "",
        *mail.references,
    ]
    people = [found for found in (mail.sender, mail.reply_to, *mail.to, *mail.cc) if found]
    lines = [
        mail.subject,
        *(found.email + found.name for found in people),
        *(file.filename for file in mail.attachments),
    ]
    for text in [*texts, *lines, *mail.problems, *(file.content_id or "" for file in mail.attachments)]:
        assert "\x00" not in text
        text.encode()
    assert not any("\n" in line or "\r" in line for line in lines)
    assert all(found.email.count("@") >= 1 and " " not in found.email.rpartition("@")[2] for found in people)
    assert all(file.filename and "/" not in file.filename for file in mail.attachments)


@pytest.mark.parametrize("case", CASES, ids=[case.attacks for case in CASES])
def test_a_hostile_or_damaged_mail_stays_readable(case: Case) -> None:
    mail = read(case.raw)

    assert_storable(mail)
    assert [word for word in case.visible if word not in mail.text] == []
    assert [word for word in case.hidden if word in mail.text] == []
    assert case.subject in (None, mail.subject)
    assert case.sender is None or case.sender == (mail.sender and mail.sender.name)
    assert case.html is None or case.html in (mail.html or "")
    assert case.attachments in (None, len(mail.attachments))
    assert case.filename is None or case.filename in [file.filename for file in mail.attachments]


LARGE = [case for case in CASES if len(case.raw) > 9_000]


@pytest.mark.parametrize("case", LARGE, ids=[case.attacks for case in LARGE])
def test_no_flood_costs_more_than_its_length(case: Case) -> None:
    # A plain body costs by its lines, up to the 20,000th; everything else by its characters.
    lines = min(case.raw.count(b"\n"), 20_000)
    is_plain = case.attacks.startswith("a body of")
    most_steps = len(case.raw) + 250 * lines if is_plain else 20 * len(case.raw)

    work = work_of(lambda: read(case.raw))

    assert work.steps < most_steps + 50_000
    assert work.handed < 25 * len(case.raw) + 1_000_000


def test_the_torture_set_is_large_and_each_case_attacks_something_else() -> None:
    assert len({case.attacks for case in CASES}) == len(CASES) >= 320


@settings(max_examples=in_soak(400, else_=100))
@given(st.binary(max_size=2000))
def test_arbitrary_bytes_parse_without_the_guard(raw: bytes) -> None:
    assert_storable(read(raw))


@settings(max_examples=in_soak(400, else_=100))
@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b1\r\n",
                b"Content-Type: message/rfc822\r\n",
                b"\r\n\r\n",
                b"--b1\r\n",
                b"--b1--",
                b"Content-Transfer-Encoding: base64\r\n",
                b"From: ",
                b"=?utf-8?B?",
                b"?=",
                b"\xff",
                b"\x1b$B",
                b'"',
                b"<a@b>",
                b"filename*0*=",
                b"Subject: ",
                b"charset=utf-7",
                b"charset=utf-16",
                b"+2AA-",
                b"begin 644 a\r\n",
                b"end\r\n",
                b"Content-Type: text/html\r\n",
                b"<p>",
                b"&#xD800;",
                b"\x00",
                b" ",
                b"Date: ",
                b"Content-Disposition: attachment;",
                b"YWJj",
                b"References:",
                b"a:b;",
                b"(",
                b"\\",
            ]
        ),
        max_size=60,
    ).map(b"".join)
)
def test_any_heap_of_mail_fragments_parses_without_the_guard(raw: bytes) -> None:
    assert_storable(read(raw))


@pytest.mark.random
@pytest.mark.parametrize("seed", range(8))
def test_random_damage_to_sound_mails_is_survived(seed: int) -> None:
    chance = dice(seed)
    sound = [case.raw for case in CASES if len(case.raw) < 3000]
    for _ in range(in_soak(2_500, else_=100)):
        raw = bytearray(chance.choice(sound))
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(raw) + 1)
            raw[at : at + chance.choice((0, 1, 30))] = chance.choice(
                (b"", b"\n", b"--", b"\xe4", b'"', b"\x00", b"=", b"<", b"\r\n\r\n")
            )

        assert_storable(read(bytes(raw)))


WORDS = [
    "order",
    "invoice",
    "Grüße",
    "東京",
    "Москва",
    "please",
    "goods",
    "您好",
    "tomorrow",
    "price",
    "warehouse",
]


def sound_mail(chance: random.Random) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = chance.choice(
        ["Ann <ann@example.com>", '"Bee, Bo" <bo@example.com>', "Jürgen <j@example.com>"]
    )
    mail["To"] = "Desk <desk@example.net>, other@example.net"
    mail["Subject"] = " ".join(chance.choices(WORDS, k=chance.randint(1, 12)))
    mail["Date"] = "Mon, 01 Jan 2024 10:00:00 +0530"
    text = (
        "\n".join(
            " ".join(chance.choices(WORDS, k=chance.randint(1, 15))) for _ in range(chance.randint(1, 30))
        )
        + "\n"
    )
    mail.set_content(
        text,
        charset=chance.choice(["utf-8", "gb18030", "utf-8"]),
        cte=chance.choice(["base64", "quoted-printable"]),
    )
    if chance.random() < 0.6:
        mail.add_alternative(f'<p>{text}</p><img src="cid:one@x">', subtype="html")
        if chance.random() < 0.4:
            mail.get_payload()[-1].add_related(chance.randbytes(500), "image", "png", cid="<one@x>")
    for _ in range(chance.choice((0, 0, 1, 3))):
        mail.add_attachment(
            chance.randbytes(900),
            maintype="application",
            subtype="pdf",
            filename=chance.choice(["a.pdf", "résumé.pdf"]),
        )
    return mail


@pytest.mark.random
@pytest.mark.parametrize("seed", range(60))
def test_sound_mails_read_as_the_standard_library_reads_them(seed: int) -> None:
    raw = sound_mail(dice(seed)).as_bytes()
    expected = email.message_from_bytes(raw, policy=email.policy.default)

    mail = read(raw)

    body = expected.get_body(("plain",))
    assert body is not None
    assert mail.problems == ()
    assert (
        mail.subject == expected["subject"].strip()
    )  # the library keeps the space of a first line that was folded
    assert mail.text == body.get_content().replace("\r\n", "\n").strip("\n")
    assert (mail.html is None) == (expected.get_body(("html",)) is None)
    attached = [file for file in mail.attachments if not file.is_inline]
    assert [file.filename for file in attached] == [
        part.get_filename() for part in expected.iter_attachments()
    ]
    assert [file.content for file in attached] == [part.get_content() for part in expected.iter_attachments()]
    assert [(found.name, found.email) for found in mail.to] == [
        (found.display_name, found.addr_spec) for found in expected["to"].addresses
    ]
    assert mail.sender is not None
    assert mail.sender.email == expected["from"].addresses[0].addr_spec
    assert mail.sent_at == expected["date"].datetime


def test_a_fault_of_ours_leaves_a_stub_with_subject_and_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(raw: bytes, **_: object) -> ParsedMail:
        raise MemoryError

    monkeypatch.setattr(parser, "read", fault)

    mail = parse(HEAD + b"\r\n" + TEXT)

    assert mail.subject == "torture"
    assert "MemoryError" in mail.problems[0]


def test_plain_text_wins_and_html_is_kept_beside_it() -> None:
    other = b"Content-Type: text/plain\r\n\r\nplain words"

    mail = read(HEAD + multipart("alternative", other, HTML))

    assert mail.text == "plain words"
    assert mail.html is not None
    assert PLANT in mail.html


def test_the_image_of_a_related_mail_is_inline_and_a_file_is_not() -> None:
    shown = HTML + b'<img src="cid:i1">'
    mail = read(HEAD + multipart("mixed", multipart("related", shown, IMAGE, boundary="b2"), FILE))

    assert [(file.content_id, file.is_inline) for file in mail.attachments] == [("i1", True), (None, False)]


def test_text_before_and_after_a_file_is_all_shown() -> None:
    after = b"Content-Type: text/plain\r\n\r\nand afterwards"

    mail = read(HEAD + multipart("mixed", PLAIN, FILE, after))

    assert mail.text == f"The {PLANT} stands.\n\nand afterwards"


def test_an_embedded_mail_is_kept_byte_for_byte() -> None:
    inner = HEAD + b"\r\n" + TEXT

    mail = read(HEAD + multipart("mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + inner))

    assert mail.attachments[0].content == inner
    assert mail.attachments[0].filename == "message.eml"


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (ParseLimits(max_parts=3), "more than 3 parts"),
        (ParseLimits(max_depth=1), "deeper than 1"),
        (ParseLimits(max_header_bytes=300), "header is longer"),
        (ParseLimits(max_decoded_bytes=3000), "larger than what is read"),
        (ParseLimits(max_text_chars=20), "first 20 characters"),
        (ParseLimits(max_seconds=-1), "Reading stopped"),
    ],
    ids=["parts", "depth", "header", "content", "text", "time"],
)
def test_beyond_a_limit_the_mail_stays_visible_and_says_so(limits: ParseLimits, problem: str) -> None:
    nested = multipart("mixed", multipart("mixed", *[PLAIN] * 9, boundary="b3"), boundary="b2")
    raw = HEAD + b"X-Long: " + b"x" * 400 + b"\r\n" + multipart("mixed", PLAIN, nested, b"\r\n" + b"y" * 4000)
    if limits.max_header_bytes == 300:
        raw = HEAD + b"Content-Type: text/plain\r\nX-Long: " + b"x" * 400 + b"\r\n\r\n" + TEXT

    mail = read(raw, limits=limits)

    assert any(problem in said for said in mail.problems), mail.problems
    assert mail.subject == "torture"


def test_a_large_file_is_passed_over_a_few_times_and_never_line_by_line() -> None:
    size = in_soak(22_000_000, else_=3_000_000)
    file = EmailMessage()
    file.set_content(f"The {PLANT} stands.")
    file.add_attachment(
        bytes(range(250)) * (size // 250), maintype="application", subtype="pdf", filename="a.pdf"
    )
    raw = file.as_bytes()

    work = work_of(lambda: read(raw))
    mail = read(raw)

    assert work.steps < 2_000
    assert work.handed < 4 * len(raw)
    assert PLANT in mail.text
    assert len(mail.attachments[0].content) == size
