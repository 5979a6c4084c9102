"""What PostgreSQL holds of a text: neither NUL nor half a surrogate pair, which JSON and mails both smuggle in.

Strangers write much of what is stored. One character must not turn their message, or our record of what a
provider answered, into a statement that fails for ever.
"""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


def storable(text: str) -> str:
    """Return the text without NUL, and with a question mark for each half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def to_json(value: object) -> str:
    """Write a value as JSON that a jsonb column takes; what JSON does not know is written as its text."""
    return json.dumps(_cleaned(value), ensure_ascii=False, default=str)


def store_any_text(connection: "psycopg.Connection[Any]") -> None:
    """Let every text that is handed to this connection be stored as `storable` says."""
    from psycopg.types.string import StrDumperUnknown

    class AnyText(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return storable(obj).encode()

    connection.adapters.register_dumper(str, AnyText)


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value
