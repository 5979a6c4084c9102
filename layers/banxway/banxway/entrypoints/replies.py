"""What a handler may answer with: data in the success shape, a page or a list of it, a file, or an HTML page."""

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from banxway.errors import TooLarge
from banxway.models.pages import Page

T = TypeVar("T")
# Lambda answers with at most 6 MB, base64 and headers included.
_LARGEST_FILE = 5_900_000
_COMPRESSED_FROM = 100_000


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer: `data` in the success shape, with `message` and `count` where the guide shows them."""

    data: T
    message: str | None = None
    status: int = 200
    is_success: bool = True
    next_cursor: str | None = None
    is_page: bool = False
    counts: bool = False


def page(rows: Page[T]) -> "Reply[list[T]]":
    """Answer with one page of a list and the cursor of the next."""
    return Reply(rows.rows, next_cursor=rows.next_cursor, is_page=True, counts=True)


def listing(rows: list[T]) -> "Reply[list[T]]":
    """Answer with a whole list and its count."""
    return Reply(rows, counts=True)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved, never shown in place; `next_cursor` says where it was cut off, if it was."""

    content: str
    content_type: str
    filename: str
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page of somebody else's content, shown in a frame under a policy of its own."""

    content: str
    content_security_policy: str


def page_response(shown: HtmlPage, headers: Mapping[str, str]) -> dict[str, Any]:
    """Write an HTML page for Lambda, compressed where it is large and the caller takes that. Raises TooLarge."""
    answered = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": shown.content_security_policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return _fitted(shown.content, answered, headers, advice="ask for it with gzip accepted")


def file_response(file: File, headers: Mapping[str, str]) -> dict[str, Any]:
    """Write a file for Lambda, compressed where it is large and the caller takes that. Raises TooLarge."""
    answered = {
        "Content-Type": file.content_type,
        "Content-Disposition": f'attachment; filename="{file.filename}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "X-Truncated": "true" if file.next_cursor else "false",
        **({"X-Next-Cursor": file.next_cursor} if file.next_cursor else {}),
    }
    return _fitted(file.content, answered, headers, advice="narrow the filters, or accept gzip")


def _fitted(
    content: str, answered: dict[str, str], headers: Mapping[str, str], *, advice: str
) -> dict[str, Any]:
    response = {"statusCode": 200, "headers": answered, "body": content}
    size = len(content.encode())
    if size >= _COMPRESSED_FROM and _takes_gzip(headers):
        answered |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        packed = base64.b64encode(gzip.compress(content.encode(), compresslevel=6, mtime=0)).decode()
        response |= {"body": packed, "isBase64Encoded": True}
        size = len(packed)
    if size > _LARGEST_FILE:
        raise TooLarge(f"The file is too large for one answer: {advice}", limit_bytes=_LARGEST_FILE)
    return response


def _takes_gzip(headers: Mapping[str, str]) -> bool:
    offered = [each.partition(";") for each in headers.get("accept-encoding", "").replace(" ", "").split(",")]
    return any(name == "gzip" and quality not in ("q=0", "q=0.0") for name, _, quality in offered)
