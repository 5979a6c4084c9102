"""Texts that PostgreSQL can store: without NUL and unpaired surrogates, which JSON and mails can both contain.

Strangers write much of what is stored. One such character must not make the statement that stores their message,
or our record of a provider's answer, fail for ever.
"""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from _typeshed import DataclassInstance

_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""A NUL as JSON writes it; after an odd number of backslashes the same characters are ordinary text."""


def storable(text: str) -> str:
    """Return the text without NUL, and with a question mark for each unpaired surrogate."""
    return _octets(text).decode()


def to_json(value: object) -> str:
    """Return a value as JSON that a jsonb column accepts; a type unknown to JSON is written as its text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return storable(_ESCAPED_NUL.sub(r"\1", text) if "\\u0000" in text else text)


def rows_to_json(rows: "Sequence[DataclassInstance]") -> str:
    """Return rows as a JSON array that Postgres can insert with one statement."""
    return to_json([{name: getattr(row, name) for name in row.__dataclass_fields__} for row in rows])


def store_any_text(connection: "psycopg.Connection[Any]") -> None:
    """Make a connection store every text as `storable` returns it."""
    from psycopg.types.string import StrDumperUnknown

    class AnyText(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return _octets(obj)

    connection.adapters.register_dumper(str, AnyText)


def _octets(text: str) -> bytes:
    return text.replace("\0", "").encode("utf-8", "replace")
