"""Mails that are small and become large, in depth, number, pixels or bytes, once somebody looks into them."""

import base64
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable

from tests.support.gates.chance import in_soak
from tests.support.torture.case import HEAD, PLAIN, PLANT, multipart

UNPACKED_BYTES = in_soak(300_000_000, else_=30_000_000)


def _attached(content: bytes, kind: str, name: str) -> bytes:
    typed = f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename={name}\r\n"
    coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return HEAD + multipart(
        "mixed", PLAIN, typed.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded
    )


def _zipped(content: bytes, *, times: int = 1) -> bytes:
    for _ in range(times):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.zip", content)
        content = out.getvalue()
    return content


def _picture(width: int, height: int) -> bytes:
    """A PNG that announces its size and has no content."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + checksum

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\x02\0\0\0") + chunk(b"IEND", b"")


def _levels(number: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth)
        for depth in range(number)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "a zip of zeros": lambda: _attached(_zipped(bytes(UNPACKED_BYTES)), "application/zip", "a.zip"),
    "zips within zips": lambda: _attached(
        _zipped(bytes(UNPACKED_BYTES // 2), times=6), "application/x-zip-compressed", "a.docx"
    ),
    "a gzip of zeros": lambda: _attached(gzip.compress(bytes(UNPACKED_BYTES)), "application/gzip", "a.gz"),
    "a flood of pixels": lambda: _attached(_picture(65_535, 65_535), "image/png", "a.png"),
    "thousands of levels": lambda: HEAD + _levels(in_soak(20_000, else_=5_000)) + PLAIN,
    "mails within mails": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + PLAIN,
    "a hundred thousand parts": lambda: HEAD + multipart("mixed", *[PLAIN] * 100_000),
    "a hundred thousand empty parts": lambda: HEAD + multipart("mixed", *[b""] * 100_000),
    "a million header lines": lambda: HEAD + b"X-A: b\r\n" * 1_000_000 + b"\r\n" + PLANT.encode(),
    "a calendar of 200,000 events": lambda: _attached(
        b"BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n" * 200_000, "text/calendar", "a.ics"
    ),
}
