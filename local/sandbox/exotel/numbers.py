"""Reads phone numbers as Exotel does: E.164 is best, Indian spellings are tolerated (reference/exotel.md, 1.4)."""

import re

_ALLOWED = re.compile(r"\+?[0-9][0-9 ()-]*")


def canonical(text: str) -> str | None:
    """Return a number's digits with its country code, or None if it is not a phone number."""
    if not isinstance(text, str) or not _ALLOWED.fullmatch(text.strip()):
        return None
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+"):
        pass
    elif len(digits) == 11 and digits.startswith("0"):
        digits = "91" + digits[1:]
    elif len(digits) == 10:
        digits = "91" + digits
    return digits if 8 <= len(digits) <= 15 else None


def e164(text: str) -> str:
    """Return `+` and the digits. Raises ValueError for what is not a phone number."""
    digits = canonical(text)
    if digits is None:
        raise ValueError(f"{text!r} is not a phone number")
    return "+" + digits


def same(one: str, other: str) -> bool:
    """Return whether two spellings mean one number."""
    return canonical(one) is not None and canonical(one) == canonical(other)
