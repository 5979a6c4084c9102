"""Lists in pages: how a caller asks for one, and the opaque cursor that leads to the next."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class PageQuery(BaseModel):
    """The query of every list: `limit` from 1 to 200, and a cursor from the page before."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next_cursor` is None on the last."""

    rows: list[T]
    next_cursor: str | None


def encode_cursor(*position: Any) -> str:
    """Turn the sort key of a page's last row into an opaque cursor."""
    return (
        base64.urlsafe_b64encode(json.dumps([str(part) for part in position]).encode()).decode().rstrip("=")
    )


def decode_cursor(cursor: str, *, parts: int) -> list[str]:
    """Read a cursor back into its sort key. Raises ValueError for anything that is not one of ours."""
    padded = cursor + "=" * (-len(cursor) % 4)
    position = json.loads(base64.urlsafe_b64decode(padded.encode("ascii", "strict")))
    if (
        not isinstance(position, list)
        or len(position) != parts
        or not all(isinstance(p, str) for p in position)
    ):
        raise ValueError("not a cursor")
    return position
