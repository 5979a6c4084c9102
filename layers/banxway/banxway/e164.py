"""Phone numbers in E.164 (`+` and up to 15 digits), the one form in which the product compares them."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIALLABLE = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]{3,40}")


def to_e164(text: str, *, region: str = "IN") -> str | None:
    """Return the number in E.164, or None if the text is not one phone number.

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


# Numbering plans that spell one phone line in two ways, and the digits that only one spelling has. WhatsApp's ids
# keep the spelling of the day on which a line was registered; people write today's.
_TWO_SPELLINGS = (
    (re.compile(r"(\+52)(1?)([2-9][0-9]{9})"), "1"),  # Mexico: mobiles until 2019
    (re.compile(r"(\+54)(9?)([1-3][0-9]{9})"), "9"),  # Argentina: mobiles from abroad
    (
        re.compile(r"(\+55[1-9][0-9])(9?)([6-9][0-9]{7})"),
        "9",
    ),  # Brazil: mobiles since 2012; landlines begin 2 to 5
    (re.compile(r"(\+229)((?:01)?)([2-9][0-9]{7})"), "01"),  # Benin: all lines since 2024
    (
        re.compile(r"(\+225)((?:01)?)([04-9][0-3][0-9]{6})"),
        "01",
    ),  # Ivory Coast: mobiles since 2021, by network
    (re.compile(r"(\+225)((?:05)?)([04-9][4-6][0-9]{6})"), "05"),
    (re.compile(r"(\+225)((?:07)?)([04-9][7-9][0-9]{6})"), "07"),
)


def spellings(number: str) -> tuple[str, ...]:
    """Return every spelling of this number in its numbering plan, the longer one first; most numbers have one."""
    for pattern, digits in _TWO_SPELLINGS:
        if found := pattern.fullmatch(number):
            return found[1] + digits + found[3], found[1] + found[3]
    return (number,)


def is_e164(text: str) -> bool:
    """Return whether the text has the form of E.164; the number need not exist."""
    return _E164.fullmatch(text) is not None
