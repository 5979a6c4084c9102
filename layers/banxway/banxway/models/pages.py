"""Lists in pages, limited by count and by bytes, so that no answer is larger than a Lambda function may return.

How a list is paged, from the caller's query to the answer:

    class ThreadQuery(PageQuery)                  the query: `limit` and `cursor`
    CURSORS = Cursors("threads", Instant, UUID)   the list's cursors, and the types of its sort key
    after = CURSORS.read(query.cursor)            the sort key of the last row before, None for the first page
    rows = … WHERE key > after ORDER BY key LIMIT limit + 1
    fill_page(rows, limit=…, cursor_of=lambda row: CURSORS.write(row.at, row.id))

A list that is short enough to be read completely only needs `page_of(rows, query, name=…, id_of=…)`.

A row must be small compared with a page. `cut_text`, `cut_items` and `cut_json` shorten what strangers could make
long; code that cuts marks the row (`is_cut`) and offers a way to read the whole. Sizes are bytes of Lambda's
response, where the JSON of a body is escaped once more as a JSON string: `wire_size` counts them.
"""

import base64
import binascii
import hashlib
import json
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from banxway.errors import ValidationFailed

T = TypeVar("T")

LONGEST_CURSOR = 1_000
LARGEST_ANSWER = 5_000_000
"""The most bytes of a JSON answer; Lambda's own limit is 6 MB."""
_PAGE_BYTES = 4_500_000
_LARGEST_NUMBER = 2**63 - 1  # PostgreSQL's bigint
_LONGEST_CLUSTER = 32


class PageQuery(BaseModel):
    """The query of every list: `limit` from 1 to 200, and the cursor of the page before."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    """The most rows to return."""
    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)
    """The `next_cursor` of the page before."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is None on the last page."""

    rows: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FilePiece:
    """A part of a file; `next_cursor` leads to the next part, None after the last."""

    content: str
    next_cursor: str | None


def fill_page(
    rows: Iterable[T], *, limit: int, cursor_of: Callable[[T], str], most_bytes: int = _PAGE_BYTES
) -> Page[T]:
    """Return the first rows, at most `limit` and no more than fit into one answer, but at least one.

    `rows` are in the list's order, with one row more than the page, which shows that there is another page.
    """
    taken: list[T] = []
    size = 0
    for row in rows:
        size += wire_size(row)
        if taken and (len(taken) == limit or size > most_bytes):
            return Page(taken, cursor_of(taken[-1]))
        taken.append(row)
    return Page(taken, None)


class Cursors:
    """The cursors of one list. A cursor of another list, or a damaged one, is refused."""

    def __init__(self, name: str, *types: Callable[[str], Any]) -> None:
        """`name` identifies the list; `types` are those of its sort key: `Instant`, `Number`, UUID or str."""
        self._name = name
        self._types = types

    def write(self, *key: Any) -> str:
        """Return the sort key of a page's last row as an opaque cursor."""
        content = json.dumps([self._name, *map(str, key)], separators=(",", ":"), ensure_ascii=False).encode()
        return _sealed(content)

    def read(self, cursor: str | None) -> tuple[Any, ...] | None:
        """Return the sort key in a cursor, None for no cursor. Raises ValidationFailed for a refused cursor."""
        if cursor is None:
            return None
        try:
            key = _content_of(cursor, self._name)
            return tuple(read(part) for read, part in zip(self._types, key, strict=True))
        except (ValueError, OverflowError) as error:
            raise ValidationFailed(
                "cursor must be the next_cursor of a page of this list", field="cursor"
            ) from error


def page_of(rows: Sequence[T], query: PageQuery, *, name: str, id_of: Callable[[T], Any]) -> Page[T]:
    """Return a page of a complete list: the rows after the cursor's row, or after its position if that row is gone.

    `name` identifies the list's cursors. Raises ValidationFailed for a cursor of another list.
    """
    cursors = Cursors(name, Number, str)
    start, last = cursors.read(query.cursor) or (0, None)
    start = next((at + 1 for at, row in enumerate(rows) if _mark_of(id_of(row)) == last), start)
    positions = {id(row): at for at, row in enumerate(rows)}
    return fill_page(
        rows[start : start + query.limit + 1],
        limit=query.limit,
        cursor_of=lambda row: cursors.write(positions[id(row)], _mark_of(id_of(row))),
    )


def _mark_of(row_id: Any) -> str:
    return hashlib.sha256(str(row_id).encode()).hexdigest()[:16]


def Instant(text: str) -> datetime:  # noqa: N802 -- a type of a key, like UUID and str
    """Return an instant of a sort key in UTC, since PostgreSQL accepts fewer offsets than Python does."""
    return datetime.fromisoformat(text).astimezone(UTC)


def Number(text: str) -> int:  # noqa: N802 -- a type of a key, like UUID and str
    """Return a number of a sort key. Raises ValueError for one that PostgreSQL cannot store."""
    number = int(text)
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError("not in PostgreSQL's range")
    return number


def _content_of(cursor: str, name: str) -> list[str]:
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if _sealed(sealed[4:]) != cursor:
        raise ValueError("damaged")
    content: list[str] = json.loads(sealed[4:])
    if content[0] != name:
        raise ValueError("of another list")
    return content[1:]


def _sealed(content: bytes) -> str:
    checksum = zlib.crc32(content).to_bytes(4)
    return base64.urlsafe_b64encode(checksum + content).decode().rstrip("=")


def wire_size(value: Any) -> int:
    """Return how many bytes a value takes in Lambda's response, which escapes the JSON of a body as a JSON string."""
    return escaped_size(json.dumps(value, default=_as_json, ensure_ascii=False))


def escaped_size(text: str) -> int:
    """Return how many bytes a text takes as a JSON string that has only ASCII, as Lambda's runtime may write it."""
    return len(json.dumps(text))


def _as_json(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else str(value)


def cut_text(text: str, *, most_bytes: int) -> str:
    """Return the beginning of a text, cut between characters so that it takes at most `most_bytes` on the wire."""
    if len(text) * 12 <= most_bytes or (len(text) <= most_bytes and wire_size(text) <= most_bytes):
        return text
    fits, too_long = 0, min(len(text), most_bytes) + 1
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if wire_size(text[:middle]) <= most_bytes:
            fits = middle
        else:
            too_long = middle
    return text[: _boundary(text, fits)]


def _boundary(text: str, end: int) -> int:
    """Return the last place up to `end` that does not split a letter from its accents, or a CR from its LF."""
    for place in range(end, max(0, end - _LONGEST_CLUSTER), -1):
        if place == len(text) or not _continues(text, place):
            return place
    return end


def _continues(text: str, place: int) -> bool:
    sign = text[place]
    joined = "\u200d" in (sign, text[place - 1]) or text[place - 1 : place + 1] == "\r\n"
    # Marks, including variation selectors, and the skin tones of emoji.
    return joined or unicodedata.category(sign).startswith("M") or "\U0001f3fb" <= sign <= "\U0001f3ff"


def cut_items(items: Sequence[T], *, most_bytes: int) -> list[T]:
    """Return the first items that together take at most `most_bytes` on the wire; no item is cut."""
    taken = []
    size = 0
    for item in items:
        size += wire_size(item) + 2
        if size > most_bytes:
            break
        taken.append(item)
    return taken


def cut_json(value: Any, *, most_bytes: int) -> Any:
    """Return a JSON value that takes at most `most_bytes` on the wire; cut texts, lists and objects end in "…".

    A result that differs from the value given was cut.
    """
    share = most_bytes
    cut = value
    while wire_size(cut) > most_bytes:
        share //= 2
        cut = _with_shorter_parts(value, share)
        if share < 100:
            return "…"
    return cut


def _with_shorter_parts(value: Any, share: int) -> Any:
    if isinstance(value, str):
        short = cut_text(value, most_bytes=share)
        return value if short == value else f"{short}…"
    if isinstance(value, dict):
        pairs = list(value.items())[: share // 50]
        shorter = {cut_text(name, most_bytes=share): _with_shorter_parts(part, share) for name, part in pairs}
        return shorter if len(pairs) == len(value) else {**shorter, "…": "…"}
    if isinstance(value, list):
        parts = [_with_shorter_parts(part, share) for part in value[: share // 50]]
        return parts if len(parts) == len(value) else [*parts, "…"]
    return value
