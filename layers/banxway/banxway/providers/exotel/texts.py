"""Reads the texts of callbacks, with Exotel's ways of saying nothing (reference/exotel.md, 12, quirk 5)."""

import json

_NOTHING = ("", "null", "none", "n/a")


def stated(value: object) -> str | None:
    """Return the value as text, or None for a missing one, however that is spelled."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    text = str(value).strip()
    return None if text.lower() in _NOTHING else text


def unwrapped(value: object) -> str | None:
    """Return our own reference as we gave it; it may come back as JSON text inside text (quirk 29)."""
    text = stated(value)
    if text is None or not text.startswith('"'):
        return text
    try:
        return stated(json.loads(text))
    except ValueError:
        return text
