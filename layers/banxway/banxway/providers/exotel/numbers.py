"""Parses phone numbers as Exotel writes them: `080…`, ten digits, `91…` or `+91…` (reference/exotel.md, 1.4)."""

import re

from banxway.e164 import is_e164, to_e164

_SIGNIFICANT_DIGITS = 10  # an Indian number's own digits, which all of Exotel's spellings contain


def exotel_e164(text: str) -> str | None:
    """Return Exotel's number in E.164, or None if it is not a phone number.

    WhatsApp numbers sometimes lack their `+` (reference/exotel.md, 1.4): if the text is not an Indian number,
    eleven to fifteen digits that do not begin with 0 are read as country code and number.
    """
    if is_e164(text):
        return text  # without loading the metadata, for which a webhook should not have to wait
    e164 = to_e164(text)
    if e164 is None and re.fullmatch(r"[1-9][0-9]{10,14}", text.strip()):
        return to_e164("+" + text.strip())
    return e164


def same_number(one: str, other: str) -> bool:
    """Return whether two spellings are of the same number: by E.164, else by their last ten digits.

    The last digits decide for numbers that the metadata does not know (reference/exotel.md, 12, quirk 25).
    """
    one_e164, other_e164 = exotel_e164(one), exotel_e164(other)
    if one_e164 and other_e164:
        return one_e164 == other_e164
    one_digits, other_digits = _last_digits(one), _last_digits(other)
    return len(one_digits) == _SIGNIFICANT_DIGITS and one_digits == other_digits


def _last_digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)[-_SIGNIFICANT_DIGITS:]
