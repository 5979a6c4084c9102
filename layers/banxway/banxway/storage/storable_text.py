"""What PostgreSQL holds of a text: neither NUL nor half a surrogate pair, which JSON and mails both smuggle in.

Strangers write much of what is stored. One character must not turn their message, or our record of what a
provider answered, into a statement that fails for ever.
"""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from _typeshed import DataclassInstance

_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""A NUL as JSON writes it; after an odd backslash the same characters are somebody's own words."""


def storable(text: str) -> str:
    """Return the text without NUL, and with a question mark for each half of a surrogate pair."""
    return _octets(text).decode()


def to_json(value: object) -> str:
    """Write a value as JSON that a jsonb column takes; what JSON does not know is written as its text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return storable(_ESCAPED_NUL.sub(r"\1", text) if "\\u0000" in text else text)


def rows_to_json(rows: "Sequence[DataclassInstance]") -> str:
    """Write rows as a JSON array that Postgres can insert all at once; each field as it stands, none copied."""
    return to_json([{name: getattr(row, name) for name in row.__dataclass_fields__} for row in rows])


def store_any_text(connection: "psycopg.Connection[Any]") -> None:
    """Let every text that is handed to this connection be stored as `storable` says."""
    from psycopg.types.string import StrDumperUnknown

    class AnyText(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return _octets(obj)

    connection.adapters.register_dumper(str, AnyText)


def _octets(text: str) -> bytes:
    return text.replace("\0", "").encode("utf-8", "replace")
