"""What callers wrote, as our sentences may repeat it."""

import unicodedata

_LONGEST = 100
# Control and format characters, halves of surrogate pairs, and what begins another line.
_UNSHOWN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def quoted(text: str) -> str:
    """Return a text as a sentence may repeat it: at most 100 characters, and none that cannot be shown."""
    shown = "".join("\ufffd" if unicodedata.category(sign) in _UNSHOWN else sign for sign in text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown[:-1]}…"


def one_of(words: "list[str] | tuple[str, ...]") -> str:
    """Return words as a sentence lists them: "a", "a or b", "a, b or c"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
