"""What a handler may answer with: data in the success shape, a page or a list of it, a file, or an HTML page.

Nothing leaves that Lambda would not take: what is too large becomes an error that says so.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from banxway.clock import iso
from banxway.entrypoints.packing import LARGEST_FILE, MOST_ESCAPED, Packed, pack
from banxway.errors import BanxwayError, ProviderError, TooLarge
from banxway.models.pages import LARGEST_ANSWER, FilePiece, Page, cut_json, cut_text, escaped_size

T = TypeVar("T")
# In bytes on the wire. A sentence is ours, but may quote what a provider or a caller wrote.
_LONGEST_SENTENCE = 5_000
_LONGEST_DETAILS = 50_000
_CHALLENGE = 'Bearer realm="banxway"'
"""How to sign in, as a 401 must say (RFC 9110, 11.6.1)."""


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
    """A file to be saved, never shown as a page; an answer contains as many of its pieces as fit."""

    pieces: Sequence[FilePiece]
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page of a stranger's content, shown in a frame under a policy of its own."""

    content: str
    content_security_policy: str


def page_response(shown: HtmlPage, headers: Mapping[str, str]) -> dict[str, Any]:
    """Write an HTML page for Lambda, compressed where it is large and the caller takes that. Raises TooLarge."""
    packed = pack([shown.content], headers)
    if not packed.taken:
        raise _too_large("ask for it with gzip accepted")
    answered = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": shown.content_security_policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return _with_body(packed, answered)


def file_response(file: File, headers: Mapping[str, str]) -> dict[str, Any]:
    """Write a file for Lambda, compressed where it is large and the caller takes that.

    It ends before the first piece that does not fit. Raises TooLarge if that is the very first.
    """
    packed = pack([piece.content for piece in file.pieces], headers)
    if not packed.taken:
        raise _too_large("narrow the filters, or accept gzip")
    next_cursor = file.pieces[packed.taken - 1].next_cursor
    answered = {
        "Content-Type": file.content_type,
        "Content-Disposition": f'attachment; filename="{file.filename}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "X-Truncated": "true" if next_cursor else "false",
        **({"X-Next-Cursor": next_cursor} if next_cursor else {}),
    }
    return _with_body(packed, answered)


def _with_body(packed: Packed, answered: dict[str, str]) -> dict[str, Any]:
    response = {"statusCode": 200, "headers": answered, "body": packed.body}
    if not packed.is_compressed:
        return response
    answered |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return {**response, "isBase64Encoded": True}


def _too_large(advice: str) -> TooLarge:
    return TooLarge(f"The file is too large for one answer: {advice}", limit_bytes=LARGEST_FILE)


def json_response(reply: Reply[Any]) -> dict[str, Any]:
    """Write data in the success shape. Raises TooLarge if it does not fit into one answer."""
    content: dict[str, Any] = {"success": reply.is_success}
    if reply.message is not None:
        content["message"] = reply.message
    content["data"] = reply.data
    if reply.counts:
        content["count"] = len(reply.data)
    if reply.is_page:
        content["next_cursor"] = reply.next_cursor
    response = _written(reply.status, content, {})
    body = response["body"]
    if len(body) * MOST_ESCAPED > LARGEST_ANSWER and escaped_size(body) > LARGEST_ANSWER:
        raise TooLarge("The answer is too large: ask for less at a time", limit_bytes=LARGEST_ANSWER)
    return response


def failure_response(error: BanxwayError, request_id: str) -> dict[str, Any]:
    """Write an error in the one shape that all have; what others wrote into it is cut where it is long."""
    details = cut_json(_details_of(error), most_bytes=_LONGEST_DETAILS)
    sentence = cut_text(error.message, most_bytes=_LONGEST_SENTENCE)
    content = {
        "success": False,
        "error": f"{sentence}…" if len(sentence) < len(error.message) else sentence,
        "code": error.code,
        "details": details if isinstance(details, dict) else {},
        "request_id": request_id,
    }
    retry_after_s = getattr(error, "retry_after_s", None) or error.details.get("retry_after_s")
    headers = {"Retry-After": str(max(1, round(retry_after_s)))} if retry_after_s else {}
    if error.status == 503 and not headers:
        headers = {"Retry-After": "5"}
    if error.status == 401:
        headers["WWW-Authenticate"] = _CHALLENGE
    return _written(error.status, content, headers)


def unexpected_response(request_id: str) -> dict[str, Any]:
    """Write the answer to an unexpected failure: the request id and nothing else."""
    content = {"success": False, "error": "Internal error", "code": "internal_error", "details": {}}
    return _written(500, {**content, "request_id": request_id}, {})


def _details_of(error: BanxwayError) -> dict[str, Any]:
    details = dict(error.details)
    if error.reason is not None:
        details["reason"] = error.reason
    if isinstance(error, ProviderError):
        if error.provider_status is not None:
            details["status_code"] = error.provider_status
        if error.provider_message:
            details[f"{error.provider}_error"] = error.provider_message
    return details


def _written(status: int, content: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store", **headers},
        "body": json.dumps(content, default=_as_json, ensure_ascii=False),
    }


def _as_json(value: Any) -> Any:
    # Called for every value of every row: ids first, since most rows have more ids than times.
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError(f"{type(value).__name__} has no JSON form")
