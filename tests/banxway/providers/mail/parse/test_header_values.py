"""Addresses, ids, dates, parameters and names, as senders and attackers write them."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from banxway.models.mail import Address
from banxway.models.values.filenames import safe_filename
from banxway.providers.mail.parse.addresses import read_addresses
from banxway.providers.mail.parse.charsets.encoded_words import decode_header
from banxway.providers.mail.parse.dates import read_date, read_received_date
from banxway.providers.mail.parse.message_ids import (
    read_message_id,
    read_raw_message_id,
    read_references,
    read_reply_id,
)
from banxway.providers.mail.parse.parameters import read_value
from banxway.providers.mail.parse.parser import read
from tests.support.gates.chance import in_soak
from tests.support.timing.work import work_of
from tests.support.torture.case import multipart

ADDRESSES = {
    "a bare address": ("a@example.com", [("a@example.com", "")]),
    "a name": ("Ann Bee <A@Example.COM>", [("a@example.com", "Ann Bee")]),
    "a quoted name with a comma": (
        '"Bee, Ann" <a@example.com>, b@example.com',
        [("a@example.com", "Bee, Ann"), ("b@example.com", "")],
    ),
    "white space around a dot": ("Ann <a@example   . com>", [("a@example.com", "Ann")]),
    "white space around all dots": (
        "Ann <a . bee @ mail . example . com >",
        [("a.bee@mail.example.com", "Ann")],
    ),
    "a comment for a name": ("a@example.com (Ann Bee)", [("a@example.com", "Ann Bee")]),
    "a group": ("team: a@example.com, b@example.com;", [("a@example.com", ""), ("b@example.com", "")]),
    "an empty group": ("undisclosed-recipients:;", []),
    "semicolons": ("a@example.com; b@example.com", [("a@example.com", ""), ("b@example.com", "")]),
    "missing brackets": ("Ann Bee a@example.com", [("a@example.com", "Ann Bee")]),
    "an unclosed bracket": ("Ann <a@example.com", [("a@example.com", "Ann")]),
    "an unopened bracket": ("a@example.com>", [("a@example.com", "")]),
    "double brackets": ("Ann <<a@example.com>>", [("a@example.com", "Ann")]),
    "an address for a name": (
        '"victim@example.com" <a@example.org>',
        [("a@example.org", "victim@example.com")],
    ),
    "an encoded comma": (
        "=?utf-8?Q?victim@example.com=2C?= <a@example.org>",
        [("a@example.org", "victim@example.com,")],
    ),
    "an encoded name": ("=?utf-8?B?5p2x5Lqs?= <a@example.com>", [("a@example.com", "東京")]),
    "an encoded name in quotes": ('"=?utf-8?B?5p2x5Lqs?=" <a@example.com>', [("a@example.com", "東京")]),
    "a quoted local part": ('"ann bee"@example.com', [('"ann bee"@example.com', "")]),
    "needless quotes": ('"ann"@example.com', [("ann@example.com", "")]),
    "a source route": ("<@a.example,@b.example:c@example.com>", [("c@example.com", "")]),
    "mailto": ("<mailto:a@example.com>", [("a@example.com", "")]),
    "single quotes": ("'a@example.com'", [("a@example.com", "")]),
    "an international domain": ("a@Bücher.example", [("a@xn--bcher-kva.example", "")]),
    "the same in ASCII": ("a@XN--bcher-kva.example", [("a@xn--bcher-kva.example", "")]),
    "an international domain of others": ("a@東京.example", [("a@xn--1lqs71d.example", "")]),
    "an international local part": ("jürgen@example.com", [("jürgen@example.com", "")]),
    "an address literal": ("a@[192.0.2.1]", [("a@[192.0.2.1]", "")]),
    "no address": ("nobody", []),
    "two at signs": ("a@b@example.com", []),
    "an unclosed quote": ('"Ann <a@example.com>', [("a@example.com", "Ann")]),
    "an empty field": ("", []),
}


@pytest.mark.parametrize(("written", "expected"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_addresses_are_read_as_people_write_them(written: str, expected: list[tuple[str, str]]) -> None:
    assert read_addresses(written.encode()) == [Address(email, name) for email, name in expected]


@settings(max_examples=in_soak(500, else_=100))
@given(
    st.lists(
        st.sampled_from(
            [
                "a@b.c",
                "<",
                ">",
                '"',
                "(",
                ")",
                ",",
                ";",
                ":",
                "\\",
                " ",
                "@",
                "=?utf-8?Q?",
                "?=",
                "\xff",
                "name",
            ]
        ),
        max_size=25,
    ).map("".join)
)
@example('"<"@=?utf-8?Q?')
def test_no_address_holds_what_a_command_or_a_header_could_be_made_of(written: str) -> None:
    for found in read_addresses(written.encode("latin-1")):
        assert not set(found.email.replace('"', "", 2)) & set("\r\n<>,;\x00")
        assert found.email.isprintable()
        assert "\n" not in found.name


IDS = {
    "one": ("<a@b>", ("a@b",)),
    "two": ("<a@b> <c@d>", ("a@b", "c@d")),
    "glued": ("<a@b><c@d>", ("a@b", "c@d")),
    "folded within": ("<a\r\n b@c>", ("ab@c",)),
    "commas": ("<a@b>, <c@d>", ("a@b", "c@d")),
    "quotes": ('"<a@b>"', ("a@b",)),
    "no brackets": ("a@b c@d", ("a@b", "c@d")),
    "repeated": ("<a@b> <c@d> <a@b>", ("a@b", "c@d")),
    "prose around": ("Your message of Monday <a@b>", ("a@b",)),
    "prose with an address": ("message from ann@example.com of Monday", ()),
    "no at sign": ("<123>", ("123",)),
    "no at sign and no brackets": ("123", ()),
    "unclosed": ("<a@b <c@d", ("a@b", "c@d")),
    "empty": ("", ()),
    "only brackets": ("<><>", ()),
}


@pytest.mark.parametrize(("written", "expected"), IDS.values(), ids=IDS.keys())
def test_references_are_bare_ids_oldest_first(written: str, expected: tuple[str, ...]) -> None:
    assert read_references(written.encode()) == expected


def test_of_very_many_references_the_first_and_the_newest_are_kept() -> None:
    ids = read_references(" ".join(f"<{number}@x>" for number in range(1000)).encode())

    assert (len(ids), ids[0], ids[-1]) == (200, "0@x", "999@x")


def test_an_id_in_brackets_needs_no_at_sign() -> None:
    assert read_message_id(b" <abc> ") == "abc"
    assert read_message_id(b"") is None
    assert read_reply_id(b"<abc>") == "abc"
    assert read_reply_id(b"abc") is None


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        (b"<a@b>", None),
        (b"<a b@x>", "a b@x"),
        (b'<"quoted local"@x>', '"quoted local"@x'),
        (b"<plain>", None),
        ("<caf\u00e9@x>".encode(), None),
        (b"no brackets", None),
    ],
)
def test_an_id_that_is_read_otherwise_keeps_its_spelling(written: bytes, spelled: str | None) -> None:
    assert read_raw_message_id(written) == spelled


def test_an_id_longer_than_a_line_is_none_and_a_folded_one_is_read() -> None:
    assert read_message_id(b"<" + b"a" * 500_000 + b"@b>") is None
    assert read_message_id(b"a" * 999 + b"@b") is None
    assert read_message_id(b" \r\n" * 5000 + b"<a\r\n @b>") == "a@b"


def test_of_a_very_long_field_of_references_whole_ids_are_kept() -> None:
    longest = "x" * 900
    written = " ".join(f"<{number}.{longest}@x>" for number in range(2000))

    ids = read_references(written.encode())

    assert (len(ids), ids[0], ids[-1]) == (200, f"0.{longest}@x", f"1999.{longest}@x")
    assert all(one.endswith(f".{longest}@x") for one in ids)


def test_encoded_references_are_read() -> None:
    assert read_references(b"=?utf-8?q?=3Ca=40b=3E?= =?utf-8?q?=3Cc=40d=3E?=") == ("a@b", "c@d")


_WORD = b"=?x?Q?" + b"".join(b"=%02X" % (0xA1 + at * at * 11 % 0x5E) for at in range(40)) + b"?="


@pytest.mark.parametrize("between", [b" a ", b" <a@b> ", b"<"])
@pytest.mark.parametrize("reads", [read_message_id, read_reply_id, read_references])
def test_ids_of_hundreds_of_kilobytes_cost_little(reads, between: bytes) -> None:
    value = between.join(_WORD.replace(b"A", b"%d" % (at % 10)) for at in range(1900))

    work = work_of(lambda: reads(value))

    assert work.steps < 200_000
    assert work.handed < 2 * len(value)


DATES = {
    "usual": ("Mon, 01 Jan 2024 10:00:00 +0530", (2024, 1, 1, 4, 30)),
    "no weekday": ("1 Jan 2024 10:00 GMT", (2024, 1, 1, 10, 0)),
    "a comment": ("Mon, 1 Jan 2024 10:00:00 +0000 (UTC)", (2024, 1, 1, 10, 0)),
    "two-digit year": ("1 Jan 24 10:00:00 +0000", (2024, 1, 1, 10, 0)),
    "a zone name": ("Mon, 1 Jan 2024 10:00:00 EST", (2024, 1, 1, 15, 0)),
    "ISO 8601": ("2024-01-01T10:00:00+02:00", (2024, 1, 1, 8, 0)),
    "no zone": ("1 Jan 2024 10:00:00", (2024, 1, 1, 10, 0)),
    "a leap second": ("31 Dec 2016 23:59:60 +0000", (2016, 12, 31, 23, 59)),
    "a wrong weekday": ("Sun, 1 Jan 2024 10:00:00 +0000", (2024, 1, 1, 10, 0)),
}


@pytest.mark.parametrize(("written", "expected"), DATES.values(), ids=DATES.keys())
def test_dates_become_instants_in_utc(written: str, expected: tuple[int, ...]) -> None:
    instant = read_date(written.encode())

    assert instant is not None
    assert instant.tzinfo is UTC
    assert (instant.year, instant.month, instant.day, instant.hour, instant.minute) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "99 Foo 2024",
        "32 Jan 2024 00:00:00 +0000",
        "1 Jan 9999 23:59:59 -9999",
        "\x00",
        "1 Jan 99999999 0:0:0 +0",
        "9" * 5000,
    ],
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_date(written.encode()) is None


def test_a_relay_says_when_it_took_the_mail() -> None:
    received = b"from a by b with ESMTP id 1; Mon, 1 Jan 2024 10:00:00 +0000"

    assert read_received_date(received) == datetime(2024, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Résumé.pdf", "Å.png", "a≯b.txt", "한글.doc"])
def test_a_file_name_is_the_same_however_its_letters_are_put_together(name: str) -> None:
    taken_apart = unicodedata.normalize("NFD", name)

    assert safe_filename(taken_apart, "") == safe_filename(name, "") == name
    assert taken_apart != name


@settings(max_examples=in_soak(500, else_=100))
@given(st.text(max_size=300), st.sampled_from(["image/png", "text/calendar", "x/y"]))
def test_every_file_name_is_one_visible_line_without_folders(written: str, content_type: str) -> None:
    name = safe_filename(written, content_type)

    assert 0 < len(name) <= 121
    assert len(name.encode()) <= 245
    assert not name.startswith(".")
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(sign)[0] == "C" or sign in "\u2028\u2029" for sign in name)
    assert safe_filename(name, content_type) == name


@settings(max_examples=in_soak(500, else_=100))
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [b";", b"=", b'"', b"\\", b"a", b"*0", b"*", b"''", b"%e4", b" ", b"=?utf-8?B?", b"?="]
            ),
            max_size=30,
        ).map(b"".join),
    )
)
def test_any_parameters_are_read(written: bytes) -> None:
    value, parameters = read_value(b"a/b; " + written)

    assert value.startswith("a/b")
    assert all(isinstance(text, str) for text in parameters.values())


@settings(max_examples=in_soak(500, else_=100))
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60),
    st.sampled_from(["utf-8", "utf-16-be"]),
)
def test_what_was_encoded_comes_back(text: str, charset: str) -> None:
    from email.header import Header

    words = Header(text, charset="utf-8", maxlinelen=60).encode().replace("\n", "")

    assert decode_header(words.encode()) == text


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("Front Desk Scanner <scanner>", Address("scanner@invalid", "Front Desk Scanner")),
        ("=?utf-8?q?B=C3=BCro?= <mfp-2>", Address("mfp-2@invalid", "Büro")),
        ("MAILER-DAEMON <>", None),
        ("<scanner>", None),
        ("scanner", None),
        ("A < b c >", None),
    ],
)
def test_the_name_of_a_sender_without_a_domain_is_kept(value: str, sender: Address | None) -> None:
    assert read(f"From: {value}\r\n\r\nx".encode()).sender == sender


@pytest.mark.parametrize("first", ["Return-Path: <a@x.example>", "X-Own: 1", "DKIM-Signature: v=1;\r\n d=x"])
@pytest.mark.parametrize("blank", ["\r\n", "\n\n", " \r\n\r\n", "\r\n\t\r\n"])
def test_a_header_behind_blank_lines_is_read_whatever_its_first_field(first: str, blank: str) -> None:
    mail = read(f"{blank}{first}\r\nFrom: a@x.example\r\nSubject: Pumps\r\n\r\nBody.".encode())

    assert (mail.subject, mail.text) == ("Pumps", "Body.")
    assert dict(mail.headers)[first.partition(":")[0].lower()]


def test_a_body_behind_blank_lines_is_no_header() -> None:
    assert read(b"\r\nNote: I am away.\r\nHello\r\n").text == "Note: I am away.\nHello"


@pytest.mark.parametrize(
    "lines",
    [
        'Content-Type: application/zip; x-unix-mode=0600;\r\nname="po.zip"\r\nContent-Disposition: attachment',
        'Content-Disposition: attachment;\r\nfilename="po.zip"',
        'Content-Disposition: attachment; filename=\r\n"po.zip"\r\nContent-Type: application/zip',
    ],
)
def test_a_parts_header_folded_without_an_indent_is_read_whole(lines: str) -> None:
    part = f"Content-Transfer-Encoding: base64\r\n{lines}\r\n\r\nUEsDBAEC".encode()
    raw = multipart("mixed", b"Content-Type: text/plain\r\n\r\nSee file.", part)

    mail = read(raw)

    assert [(file.filename, file.content) for file in mail.attachments] == [("po.zip", b"PK\x03\x04\x01\x02")]
    assert mail.text == "See file."
