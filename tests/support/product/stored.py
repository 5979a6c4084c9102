"""Rows of storage for tests that have no database; the fields that a test does not give are empty."""

from dataclasses import fields
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

T = TypeVar("T")
_AT = datetime(2026, 1, 5, tzinfo=UTC)


def row_of(kind: type[T], **values: Any) -> T:
    """Make a row; a field that is not given is None where that may be, else zero, empty, or any id or time."""
    hints = get_type_hints(kind)
    return kind(**{each.name: _empty(hints[each.name]) for each in fields(kind)} | values)  # type: ignore[arg-type]


def _empty(hint: Any) -> Any:
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType) and NoneType in arguments:
        return None
    if get_origin(hint) is Literal:
        return arguments[0]
    if hint is UUID:
        return uuid4()
    return _AT if hint is datetime else (get_origin(hint) or hint)()
