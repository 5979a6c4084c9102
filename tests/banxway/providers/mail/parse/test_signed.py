"""The mail inside opaque S/MIME is shown with a warning that it is not verified; any other file stays a file."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.parse.parser import read
from banxway.providers.mail.parse.signed import read_signed
from tests.support.gates.chance import in_soak
from tests.support.timing.work import work_of

INNER = (
    'Content-Type: multipart/mixed; boundary="in"\r\n\r\n--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "Please cancel order 4711. Grüße\r\n--in\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; "
    'filename="invoice.pdf"\r\n\r\n%PDF-1.4\r\n--in--\r\n'
).encode()
NOTE = "The mail is signed (S/MIME); the signature was not verified."


def der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x84]) + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def ber(tag: int, *contents: bytes) -> bytes:
    """Return the same value in indefinite form, without a length."""
    return bytes([tag, 0x80]) + b"".join(contents) + b"\x00\x00"


def signed(octets: bytes, write=der, kind: str = "2a864886f70d010702", pieces: int = 1) -> bytes:
    size = max(1, -(-len(octets) // pieces))
    strings = [der(0x04, octets[at : at + size]) for at in range(0, len(octets), size)]
    held = b"".join(strings[:1]) if pieces == 1 else write(0x24, *strings)
    data = der(0x06, bytes.fromhex("2a864886f70d010701"))
    inner = write(0x30, data, write(0xA0, held)) if octets else der(0x30, data)
    content = write(0x30, der(0x02, b"\x01"), der(0x31), inner, der(0x31))
    return write(0x30, der(0x06, bytes.fromhex(kind)), write(0xA0, content))


def mail_of(octets: bytes, content_type: str = "application/pkcs7-mime; smime-type=signed-data") -> bytes:
    head = (
        "From: a@x.example\r\nDate: Mon, 30 Nov 2026 07:00:00 +0000\r\n"
        f"Content-Type: {content_type}; name=smime.p7m\r\nContent-Transfer-Encoding: base64"
    )
    return head.encode() + b"\r\n\r\n" + base64.encodebytes(octets)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/pkcs7-mime; smime-type=signed-data",
        "application/x-pkcs7-mime",
        "application/octet-stream; smime-type=signed-data",
        "application/octet-stream",
    ],
)
@pytest.mark.parametrize(
    "octets",
    [signed(INNER), signed(INNER, ber), signed(INNER, pieces=3), signed(INNER, ber, pieces=3)],
    ids=["DER", "BER", "DER in pieces", "BER in pieces"],
)
def test_what_is_signed_opaquely_is_read_and_said_to_be_unproven(content_type: str, octets: bytes) -> None:
    mail = read(mail_of(octets, content_type))

    assert mail.text == "Please cancel order 4711. Grüße"
    assert [file.filename for file in mail.attachments] == ["invoice.pdf"]
    assert mail.problems == (NOTE,)


@pytest.mark.parametrize(
    "octets",
    [
        signed(INNER, kind="2a864886f70d010703"),
        signed(b""),
        signed(INNER)[:-50],
        b"0\x80" * 50,
        b"no such thing",
    ],
    ids=["enveloped", "detached", "cut", "nested without end", "no CMS"],
)
def test_what_cannot_be_opened_is_kept_as_a_file(octets: bytes) -> None:
    mail = read(mail_of(octets))

    assert [(file.filename, file.content) for file in mail.attachments] == [("smime.p7m", octets)]
    assert NOTE not in mail.problems


@settings(max_examples=in_soak(2000, else_=200))
@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=4))
def test_no_octets_make_it_fail(octets: bytes, at: int, change: bytes) -> None:
    read_signed(octets)
    whole = signed(INNER)
    read_signed(whole[:at] + change + whole[at + len(change) :])


@pytest.mark.parametrize(
    "octets",
    [b"\x30\x80" * 100_000, b"\x24\x80" + b"\x04\x00" * 100_000, signed(b"a" * 1000, pieces=1000) * 50],
    ids=["nested", "empty strings", "repeated"],
)
def test_no_file_costs_more_than_its_length(octets: bytes) -> None:
    assert work_of(lambda: read_signed(octets)).steps < 40 * len(octets)
