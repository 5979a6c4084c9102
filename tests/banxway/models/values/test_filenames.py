"""Hostile names of attachments (threat 30): the stored name is one plain visible line, or a replacement."""

import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from banxway.models.values.filenames import safe_filename
from banxway.storage.blobs.downloads import disposition_of

CATEGORIES = sorted({unicodedata.category(chr(point)) for point in range(0x110000)} - {"Cs"})
ANY_NAME = st.lists(
    st.one_of(
        *(st.characters(categories=(category,)) for category in CATEGORIES),
        st.sampled_from(
            ["..", "/", "\\", ".", " ", "\r\n", "\0", "\u202e", "\u200b", "%2e%2e%2f", '"', ";", "exe"]
        ),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=1000, deadline=None)
@given(ANY_NAME)
def test_any_name_becomes_one_visible_line_that_leads_nowhere(name: str) -> None:
    safe = safe_filename(name, "application/pdf")

    assert safe
    assert len(safe) <= 120
    assert safe not in (".", "..")
    assert not safe.startswith(".")
    assert not set(safe) & set('/\\<>:"|?*\r\n\0')
    assert all(unicodedata.category(sign)[0] != "C" for sign in safe)
    assert not {"\u2028", "\u2029"} & set(safe)


@settings(max_examples=500, deadline=None)
@given(ANY_NAME)
@example("\u0300\x7f\u0316")
def test_a_safe_name_is_safe_already(name: str) -> None:
    safe = safe_filename(name, "application/pdf")

    assert safe_filename(safe, "application/pdf") == safe


@settings(max_examples=500, deadline=None)
@given(ANY_NAME)
def test_a_header_carries_any_name_on_one_line_and_whole(name: str) -> None:
    safe = safe_filename(name, "application/pdf")

    header = disposition_of(safe)

    assert header.isascii()
    assert header.isprintable()
    read = Message()
    read["Content-Disposition"] = header
    assert read.get_content_disposition() == "attachment"
    given_name, _, extended = header.partition("; filename*=UTF-8''")
    assert unquote(extended) == safe if extended else given_name == f'attachment; filename="{safe}"'


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"),
        ("\u200b.htaccess", "htaccess"),
        ("\u2060.\u2060.\u2060/shell.php", "shell.php"),
        ("annexe\u202egnp.exe", "annexegnp.exe"),
        ("a.pdf\r\nSet-Cookie: x=1", "a.pdfSet-Cookie_ x=1"),
        ("con.txt", "_con.txt"),
        ("...", "attachment.pdf"),
        ("\u202e\u200b", "attachment.pdf"),
        ("", "attachment.pdf"),
        ("\u00e9t\u00e9.pdf", "\u00e9t\u00e9.pdf"),
        ("e\u0301te\u0301.pdf", "\u00e9t\u00e9.pdf"),
        ("invoice.pdf ", "invoice.pdf"),
    ],
)
def test_known_tricks_are_seen_through(name: str, safe: str) -> None:
    assert safe_filename(name, "application/pdf") == safe
