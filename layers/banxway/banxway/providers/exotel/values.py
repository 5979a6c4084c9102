"""Reads values of callbacks as text; Exotel spells "no value" in several ways (reference/exotel.md, 12, quirk 5)."""

import json

_NOTHING = ("", "null", "none", "n/a")


def stated(value: object) -> str | None:
    """Return the value as text, or None for a missing one: null, "", "null", "none", "n/a" or not a plain value."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    text = str(value).strip()
    return None if text.lower() in _NOTHING else text


def unwrapped(value: object) -> str | None:
    """Return our own reference as we sent it; it may come back as a JSON string inside a string (quirk 29)."""
    text = stated(value)
    if text is None or not text.startswith('"'):
        return text
    try:
        return stated(json.loads(text))
    except ValueError:
        return text
