"""Quoting callers' text and listing words within our own sentences."""

import unicodedata

_LONGEST = 100
# Control and format characters, unpaired surrogates, and line and paragraph separators.
_UNSHOWN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def quoted(text: str) -> str:
    """Return a text that is safe within a sentence: at most 100 characters, unprintable ones replaced by U+FFFD."""
    shown = "".join("\ufffd" if unicodedata.category(sign) in _UNSHOWN else sign for sign in text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown[:-1]}…"


def one_of(words: "list[str] | tuple[str, ...]") -> str:
    """Return words as a list within a sentence: "a", "a or b", "a, b or c"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
