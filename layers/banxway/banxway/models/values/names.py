"""Texts of one line, and names: a name in a list must be visible, and must read in the order of its characters."""

import unicodedata

# Characters that Unicode counts as letters or symbols although they show nothing: fillers, blanks, inherent vowels.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
_JOINERS = frozenset("\u200c\u200d")
_SELECTORS = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_TAGS = frozenset(chr(code) for code in range(0xE0020, 0xE0080))
# Scripts whose letters change their form with a joiner: Arabic to Myanmar, Khmer, Mongolian, and later Indic ones.
_JOINING = (
    (0x0600, 0x109F),
    (0x1700, 0x18AF),
    (0x1A00, 0x1CFF),
    (0xA800, 0xABFF),
    (0xFB50, 0xFDFF),
    (0x10A00, 0x11FFF),
)
_BLACK_FLAG = "\U0001f3f4"


def is_one_line(text: str) -> bool:
    """Return whether a text has no line break and no control character, including those of Unicode."""
    return all(unicodedata.category(sign) not in ("Cc", "Zl", "Zp") for sign in text)


def is_visible(name: str) -> bool:
    """Return whether every character of a name is visible and shown in its order.

    Invisible characters and those that change the direction of text are not. Joiners are allowed where a script or
    an emoji needs them, variation selectors after a character, and tags within a flag.
    """
    return all(_is_visible(sign, name[at - 1] if at else "") for at, sign in enumerate(name)) and _tags_end(
        name
    )


def _is_visible(sign: str, before: str) -> bool:
    if sign in _JOINERS:
        return bool(before) and _takes_joiner(before)
    if sign in _SELECTORS:
        return (
            bool(before)
            and (before.isdigit() or unicodedata.category(before)[0] in "LPSM")
            and before not in _SELECTORS
        )
    if sign in _TAGS:
        return before == _BLACK_FLAG or before in _TAGS
    kind = unicodedata.category(sign)
    return sign not in _BLANK and kind not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _takes_joiner(before: str) -> bool:
    code = ord(before)
    is_joining = unicodedata.category(before) in ("Lo", "Mn", "Mc") and any(
        first <= code <= last for first, last in _JOINING
    )
    # An emoji is joined after its symbol, its skin tone or its variation selector.
    return is_joining or unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"


def _tags_end(name: str) -> bool:
    """Return whether every sequence of tags ends with the cancel tag, so that no text hides in an open one."""
    return all(
        sign not in _TAGS or sign == "\U000e007f" or name[at + 1 : at + 2] in _TAGS
        for at, sign in enumerate(name)
    )
