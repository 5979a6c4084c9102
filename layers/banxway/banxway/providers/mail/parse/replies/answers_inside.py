"""Detects phrases that announce answers inside the quoted text: `see below`, `my answers in red`."""

from banxway.providers.mail.parse.replies.quote_words import ANSWERED_INSIDE

_END = 3
"""How many letters of a phrase's last word are compared with a text's words."""


def announces_answers_inside(text: str) -> bool:
    """Return whether a text in lower case contains any of the phrases of `ANSWERED_INSIDE`."""
    if any(words in text for words in _ALWAYS_SEARCHED):
        return True
    # Each search reads the whole text, so most phrases are searched for only if a word begins like their last one.
    beginnings = {word[:_END] for word in set(text.split(" "))}
    return any(phrase in text for end in beginnings & _PHRASES.keys() for phrase in _PHRASES[end])


def _by_last_word() -> dict[str, list[str]]:
    """Return phrases by the first letters of their last word; "" for single words, and if that word is too short."""
    found: dict[str, list[str]] = {}
    for words in ANSWERED_INSIDE:
        end = words.rpartition(" ")[2][:_END] if " " in words else ""
        found.setdefault(end if len(end) == _END else "", []).append(words)
    return found


_PHRASES = _by_last_word()
_ALWAYS_SEARCHED = tuple(_PHRASES.pop(""))
