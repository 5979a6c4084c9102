"""Valid transfer encodings are decoded exactly, damaged ones as far as possible."""

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.parse.transfer import (
    decode_base64,
    decode_quoted_printable,
    decode_transfer,
    find_uuencoded,
)
from tests.support.gates.chance import in_soak


@settings(max_examples=in_soak(300, else_=100))
@given(st.binary(max_size=500))
def test_sound_base64_comes_back_without_remark(octets: bytes) -> None:
    assert decode_base64(base64.encodebytes(octets)) == (octets, "")
    assert decode_base64(base64.encodebytes(octets).replace(b"\n", b"\r\n")) == (octets, "")


@settings(max_examples=in_soak(300, else_=100))
@given(st.binary(max_size=500).map(lambda octets: octets.replace(b"\r", b"")))
def test_sound_quoted_printable_comes_back(octets: bytes) -> None:
    assert decode_quoted_printable(quopri.encodestring(octets)) == octets


@settings(max_examples=in_soak(500, else_=100))
@given(
    st.binary(max_size=300),
    st.sampled_from([b"base64", b"quoted-printable", b"x-uuencode", b"8bit", b"", b"x", b"BASE64;"]),
)
def test_any_body_in_any_encoding_is_decoded(body: bytes, encoding: bytes) -> None:
    assert isinstance(decode_transfer(body, encoding).octets, bytes)


WORDS = [
    b"Please call me back tomorrow morning thanks",
    b"Thanks!",
    b"Yes",
    b"ship it now",
    b"Hello\r\nyou\r\n",
    b"4500 USD",
    "Danke schön".encode(),
]


@pytest.mark.parametrize(
    ("body", "octets"),
    [
        (b"aGVsbG8", b"hello"),
        (b"aGVsbG8gd29ybG", b"hello worl"),
        (b"aGVsbG8=\r\nd29ybGQ=", b"helloworld"),
        (b"aGVs\x00bG8=", b"hello"),
        (b"aGVsbG8=\r\n-- \r\nA footer of a list.", b"hello\n-- \r\nA footer of a list."),
        (b"this is simply text, is it not?", b"this is simply text, is it not?"),
        *((words, words) for words in WORDS),
    ],
    ids=["no padding", "cut", "two pieces", "strange octet", "footer", "no base64", *map(ascii, WORDS)],
)
def test_damaged_base64_is_saved_and_said(body: bytes, octets: bytes) -> None:
    found, repair = decode_base64(body)

    assert found == octets
    assert repair


def test_a_uuencoded_file_needs_sound_lines_and_an_end() -> None:
    assert find_uuencoded(b"begin 644 a\n#0V%T\n`\nend\n")[0].content == b"Cat"
    assert find_uuencoded(b"begin 644 a\n#0V%T\n`\n") == []
    assert find_uuencoded(b"begin 644 a\nthis line is prose\nend\n") == []


LINE = "A line of the mail. Grüße aus Köln.\r\n".encode()
DAMAGE = {
    "two signs replaced": lambda line: line[:20] + b"!!" + line[22:],
    "three signs become two": lambda line: line[:20] + b"??" + line[23:],
    "one sign lost": lambda line: line[:20] + line[21:],
    "one sign too many": lambda line: line[:20] + b"!" + line[20:],
    "a whole group replaced": lambda line: line[:20] + b"????" + line[24:],
    "the first sign replaced": lambda line: b"!" + line[1:],
    "the last sign replaced": lambda line: line[:-1] + b"!",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_to_one_line_of_base64_reaches_no_other(damage) -> None:
    text = LINE * 20
    lines = base64.encodebytes(text).split(b"\n")
    lines[3] = damage(lines[3])

    octets = decode_base64(b"\r\n".join(lines)).octets

    assert octets.startswith(text[: 3 * 57])
    assert octets.endswith(text[4 * 57 :])


@pytest.mark.parametrize("stray", [b"_", b"a", b" ", b"\xe9", b"__"])
def test_stray_signs_at_the_end_of_a_uuencoded_line_are_left_out(stray: bytes) -> None:
    found = find_uuencoded(b"begin 644 a\n#0V%T" + stray + b"\n#0V%T\n`\nend\n")

    assert found[0].content == b"CatCat"


def test_a_stray_sign_within_a_uuencoded_line_is_left_out() -> None:
    assert find_uuencoded(b"begin 644 a\n#0V\xe9%T\n`\nend\n")[0].content == b"Cat"
