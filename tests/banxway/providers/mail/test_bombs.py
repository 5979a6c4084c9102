"""Threat 31: what is small and becomes large, in depth, number, pixels or bytes, costs a parser next to nothing."""

import base64
import gzip
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.torture.case import HEAD, PLAIN, PLANT, multipart
from tests.support.tree import LAYER

# A process of its own for each, whose peak is its own: getrusage would count what it was forked from.
READ = """
import json, pathlib, sys, time
from banxway.providers.mail.parser import read
raw = pathlib.Path(sys.argv[1]).read_bytes()
started = time.process_time()
mail = read(raw)
took_s = time.process_time() - started
status = pathlib.Path("/proc/self/status").read_text()
peak_mb = int(status.partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps([took_s, peak_mb, mail.subject, mail.text[:1000], list(mail.problems)]))
"""


def attached(content: bytes, kind: str, name: str) -> bytes:
    typed = f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename={name}\r\n"
    coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return HEAD + multipart(
        "mixed", PLAIN, typed.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded
    )


def zipped(content: bytes, *, times: int = 1) -> bytes:
    for _ in range(times):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.zip", content)
        content = out.getvalue()
    return content


def picture(width: int, height: int) -> bytes:
    """A PNG that announces its size and holds nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + checksum

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\x02\0\0\0") + chunk(b"IEND", b"")


def levels(number: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (depth, depth)
        for depth in range(number)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "a zip of zeros": lambda: attached(zipped(bytes(300_000_000)), "application/zip", "a.zip"),
    "zips within zips": lambda: attached(
        zipped(bytes(100_000_000), times=6), "application/x-zip-compressed", "a.docx"
    ),
    "a gzip of zeros": lambda: attached(gzip.compress(bytes(300_000_000)), "application/gzip", "a.gz"),
    "a flood of pixels": lambda: attached(picture(65_535, 65_535), "image/png", "a.png"),
    "twenty thousand levels": lambda: HEAD + levels(20_000) + PLAIN,
    "mails within mails": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + PLAIN,
    "a hundred thousand parts": lambda: HEAD + multipart("mixed", *[PLAIN] * 100_000),
    "a hundred thousand empty parts": lambda: HEAD + multipart("mixed", *[b""] * 100_000),
    "a million header lines": lambda: HEAD + b"X-A: b\r\n" * 1_000_000 + b"\r\n" + PLANT.encode(),
    "a calendar of 200,000 events": lambda: attached(
        b"BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n" * 200_000, "text/calendar", "a.ics"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_bomb_takes_more_than_two_seconds_or_256_megabytes(
    bomb: Callable[[], bytes], tmp_path: Path
) -> None:
    place = tmp_path / "bomb.eml"
    place.write_bytes(bomb())

    done = subprocess.run(
        [sys.executable, "-c", READ, str(place)],
        env={"PYTHONPATH": str(LAYER)},
        capture_output=True,
        check=True,
    )
    took_s, peak_mb, subject, text, problems = json.loads(done.stdout)

    # Processor time, twice what is promised: other tests share the machine's caches.
    assert took_s < 4
    assert peak_mb < 256
    assert subject == "torture"
    assert PLANT in text or problems
