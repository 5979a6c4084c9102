"""Transfer encodings: sound ones exactly, damaged ones as far as they go."""

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.transfer import (
    decode_base64,
    decode_quoted_printable,
    decode_transfer,
    find_uuencoded,
)
from tests.support.chance import in_soak


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


@pytest.mark.parametrize(
    ("body", "octets"),
    [
        (b"aGVsbG8", b"hello"),
        (b"aGVsbG8gd29ybG", b"hello worl"),
        (b"aGVsbG8=\r\nd29ybGQ=", b"helloworld"),
        (b"aGVs\x00bG8=", b"hello"),
        (b"aGVsbG8=\r\n-- \r\nA footer of a list.", b"hello\n-- \r\nA footer of a list."),
        (b"this is simply text, is it not?", b"this is simply text, is it not?"),
    ],
    ids=["no padding", "cut", "two pieces", "strange octet", "footer", "no base64"],
)
def test_damaged_base64_is_saved_and_said(body: bytes, octets: bytes) -> None:
    found, repair = decode_base64(body)

    assert found == octets
    assert repair


def test_a_uuencoded_file_needs_sound_lines_and_an_end() -> None:
    assert find_uuencoded(b"begin 644 a\n#0V%T\n`\nend\n")[0].content == b"Cat"
    assert find_uuencoded(b"begin 644 a\n#0V%T\n`\n") == []
    assert find_uuencoded(b"begin 644 a\nthis line is prose\nend\n") == []
