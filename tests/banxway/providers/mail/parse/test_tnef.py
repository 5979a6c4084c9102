"""The contents of a winmail.dat are shown, and no such file can do harm."""

import pytest

from banxway.providers.mail.parse.outlook.rtf import decompress, read_rtf
from banxway.providers.mail.parse.outlook.tnef import unpack
from banxway.providers.mail.parse.parser import read
from tests.support.gates.chance import in_soak
from tests.support.timing.work import work_of
from tests.support.torture.case import PLANT
from tests.support.torture.winmail import (
    CONTENT_ID,
    HTML_BODY,
    MESSAGE,
    PROPERTIES,
    WHOLE,
    attribute,
    compressed,
    mail_with,
    packed_file,
    properties,
    sized_property,
    text_property,
    tnef,
)


def test_the_files_inside_are_attachments_and_the_packing_is_gone() -> None:
    mail = read(mail_with(WHOLE, text=True))

    assert [(file.filename, file.content_type, file.content) for file in mail.attachments] == [
        ("Ångström.pdf", "application/pdf", b"%PDF")
    ]
    assert mail.text == f"The {PLANT} stands."
    assert not any("winmail" in problem for problem in mail.problems)


def test_html_inside_stands_beside_the_plain_text_of_the_mail() -> None:
    html = sized_property(HTML_BODY, 258, b'<p>rich <img src="cid:i1"></p>')
    image = packed_file("i.png", b"PNG", text_property(CONTENT_ID, "i1"))

    mail = read(mail_with(tnef(attribute(MESSAGE, PROPERTIES, properties(html)), image), text=True))

    assert mail.text == f"The {PLANT} stands."
    assert mail.html == '<p>rich <img src="cid:i1"></p>'
    assert [(file.content_id, file.is_inline) for file in mail.attachments] == [("i1", True)]


def test_a_damaged_one_is_kept_beside_what_could_be_read_of_it() -> None:
    mail = read(mail_with(WHOLE + b"\x01" * 50, text=True))

    assert [file.filename for file in mail.attachments] == ["Ångström.pdf", "winmail.dat"]
    assert any("damaged" in problem for problem in mail.problems)


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 7))
def test_cut_anywhere_it_is_read_as_far_as_it_goes(cut: int) -> None:
    found = unpack(WHOLE[:cut])

    assert found is None or len(found.files) <= 1


def test_references_into_what_was_written_are_followed() -> None:
    # Three octets, then a reference to five octets from position 207, that of the first octet; then the end.
    packed = b"\x18abc" + bytes(
        [(207 << 4 | 3) >> 8, (207 << 4 | 3) & 255, (215 << 4) >> 8, (215 << 4) & 255]
    )

    rtf = decompress(
        (len(packed) + 12).to_bytes(4, "little") + (8).to_bytes(4, "little") + b"LZFu\0\0\0\0" + packed
    )

    assert rtf == b"abcabcab"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1 one\par two\tab three}", "one\ntwo\tthree"),
        (rb"{\rtf1\ansicpg932 \'93\'8c\'8b\'9e}", "東京"),
        (rb"{\rtf1 \u26481?\u20140?}", "東京"),
        (rb"{\rtf1 \u-10179?\u-8704?}", "😀"),
        (rb"{\rtf1\uc2 \u233 ab}", "é"),
        (rb"{\rtf1{\info{\author Ann}}{\*\unheard of}{\pict 00ff}shown}", "shown"),
        (rb"{\rtf1 \{a\\b\}}", r"{a\b}"),
        (rb"{\rtf1 unclosed {\b bold", "unclosed bold"),
        (rb"not rich at all", "not rich at all"),
    ],
    ids=["lines", "code page", "letters", "pair", "fallback", "destinations", "escapes", "unclosed", "plain"],
)
def test_rich_text_reads_as_text(rtf: bytes, text: str) -> None:
    assert read_rtf(rtf).text == text


def test_rich_text_costs_no_more_than_its_length() -> None:
    rtf = b"{\\rtf1 " + b"\\b0 {\\i x}\\'41 " * in_soak(70_000, else_=7_000)
    packed = compressed(rtf)

    work = work_of(lambda: read_rtf(decompress(packed)))

    assert work.steps < 30 * len(rtf)
    assert work.handed < 30 * len(rtf)
    assert read_rtf(decompress(packed)).text.startswith("xA")
