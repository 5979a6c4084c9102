"""Phone numbers in E.164 (`+` and up to 15 digits), the one form in which the product compares them."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIALLABLE = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]{3,40}")


def to_e164(text: str, *, region: str = "IN") -> str | None:
    """Return the number in E.164, or None where the text is not one number.

    With a leading `+` the length must fit the country's plan; without one, the number must be a valid one
    of `region` in its national spelling (0 before it or not), in its international one, or after 00.
    """
    import phonenumbers

    spelled = text.strip()
    if not _DIALLABLE.fullmatch(spelled):
        return None
    try:
        number = phonenumbers.parse(spelled, region)
    except phonenumbers.NumberParseException:
        return None
    is_known = phonenumbers.is_possible_number if spelled.startswith("+") else phonenumbers.is_valid_number
    if not is_known(number):
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if is_e164(written) else None


def is_e164(text: str) -> bool:
    """Tell whether the text is spelled as E.164 demands; the number need not exist."""
    return _E164.fullmatch(text) is not None
