"""Text is read in the charset that it is in; which one a mail names is only a hint."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.charsets import codec_for, decode
from tests.support.chance import in_soak
from tests.support.torture.charsets import SPELLINGS, WORDS


@pytest.mark.parametrize("charset", WORDS, ids=list(WORDS))
def test_text_in_the_charset_it_names_is_read_without_remark(charset: str) -> None:
    words = WORDS[charset]

    assert decode(words.encode(charset), charset) == (words, "")


@pytest.mark.parametrize(("spelling", "charset"), SPELLINGS.items(), ids=list(SPELLINGS))
def test_a_charset_is_known_by_its_odd_spellings(spelling: str, charset: str) -> None:
    assert decode(WORDS[charset].encode(charset), spelling).text == WORDS[charset]


@pytest.mark.parametrize("said", ["iso-8859-1", "us-ascii", "koi8-r", "windows-1252", None, "x-none"])
def test_utf_8_under_another_name_is_read_as_utf_8(said: str | None) -> None:
    assert decode("Grüße aus 東京".encode(), said).text == "Grüße aus 東京"


def test_reading_otherwise_than_declared_is_said() -> None:
    text, repair = decode("Grüße".encode(), "koi8-r")

    assert text == "Grüße"
    assert repair == "The text says it is koi8-r but is UTF-8; it was read as UTF-8."


def test_windows_quotes_in_mail_said_to_be_latin_1_are_quotes() -> None:
    assert decode(b"\x93caf\xe9\x94 \x80 5", "iso-8859-1") == ("“café” € 5", "")


@pytest.mark.parametrize(
    "name",
    [
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "base64",
        "hex",
        "zlib",
        "bz2",
        "rot13",
        "uu",
        "undefined",
        "x-unknown",
        "",
        "\x00",
        "a" * 9999,
        None,
    ],
)
def test_what_is_no_charset_is_never_used_as_a_codec(name: str | None) -> None:
    assert codec_for(name) == ""
    assert decode("Grüße".encode(), name).text == "Grüße"


def test_octets_of_another_charset_within_utf_8_are_letters_too() -> None:
    assert decode("Grüße ".encode() + b"caf\xe9 x", "utf-8").text == "Grüße café x"


@settings(max_examples=in_soak(600, else_=100))
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [*WORDS, *SPELLINGS, None, "x-none", "utf-32", "johab", "iso-2022-jp-3", "utf-8-sig", "mbcs"]
    ),
)
def test_any_octets_in_any_charset_become_storable_text(octets: bytes, declared: str | None) -> None:
    text, repair = decode(octets, declared)

    text.encode()
    repair.encode()
    assert "\x00" not in text


@settings(max_examples=in_soak(300, else_=100))
@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=200),
    st.sampled_from([None, "utf-8", "us-ascii", "gb2312", "x-none", "koi8-r"]),
)
def test_ascii_is_never_changed(text: str, declared: str | None) -> None:
    assert decode(text.encode(), declared) == (text, "")
