"""Long bodies for Lambda's response: unchanged, or compressed if the caller accepts that, and never too large."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banxway.models.pages import escaped_size

LARGEST_FILE = 5_900_000
"""In bytes: Lambda answers with at most 6 MB, base64 and headers included."""
MOST_ESCAPED = 12
"""The most bytes that one character takes in Lambda's response."""
_COMPRESSED_FROM = 100_000
_GZIP = 31  # zlib's number for gzip's own frame
_LARGEST_PACKED = LARGEST_FILE * 3 // 4  # what base64 makes LARGEST_FILE of
_END = 20  # the most bytes that end a compressed body


@dataclass(frozen=True, slots=True)
class Packed:
    """A body, and how many of the given pieces it contains."""

    body: str
    taken: int
    is_compressed: bool


def pack(pieces: Sequence[str], headers: Mapping[str, str]) -> Packed:
    """Return the first pieces as one body, as many as fit into one answer; none if the first does not fit."""
    if sum(len(piece.encode()) for piece in pieces) >= _COMPRESSED_FROM and _takes_gzip(headers):
        return _compressed(pieces)
    size, taken = 0, 0
    for piece in pieces:
        size += escaped_size(piece) - 2  # without its quotes
        if size > LARGEST_FILE:
            break
        taken += 1
    return Packed("".join(pieces[:taken]), taken, is_compressed=False)


def _compressed(pieces: Sequence[str]) -> Packed:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    packed, taken = b"", 0
    for piece in pieces:
        before = packer.copy()
        more = packer.compress(piece.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
        if len(packed) + len(more) + _END > _LARGEST_PACKED:
            packer = before
            break
        packed, taken = packed + more, taken + 1
    return Packed(base64.b64encode(packed + packer.flush()).decode(), taken, is_compressed=True)


def _takes_gzip(headers: Mapping[str, str]) -> bool:
    offered = [each.partition(";") for each in headers.get("accept-encoding", "").replace(" ", "").split(",")]
    return any(name == "gzip" and quality not in ("q=0", "q=0.0") for name, _, quality in offered)
