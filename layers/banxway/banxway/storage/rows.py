"""Rows as dataclasses, seen as the columns that they are made of."""

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def columns_of(row: "DataclassInstance") -> dict[str, Any]:
    """Return a row's columns by name. Unlike dataclasses.asdict it copies no value, which costs a list its time."""
    return {name: getattr(row, name) for name in _names(type(row))}


@cache
def _names(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
