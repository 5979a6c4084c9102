"""Tells whether people say that they answered inside of what they quote: `see below`, `my answers in red`."""

from banxway.providers.mail.parse.replies.quote_words import ANSWERED_INSIDE

_END = 3
"""How many letters of a phrase's last word are looked up among a text's words."""


def tells_of_answers_inside(said: str) -> bool:
    """Whether a text in lower case holds any of the words of `ANSWERED_INSIDE`."""
    if any(words in said for words in _ALWAYS_SEARCHED):
        return True
    # Each search reads the whole text, so most phrases are searched for only where a word begins as their last does.
    beginnings = {word[:_END] for word in set(said.split(" "))}
    return any(phrase in said for end in beginnings & _PHRASES.keys() for phrase in _PHRASES[end])


def _by_last_word() -> dict[str, list[str]]:
    """Phrases of several words by how the last one begins; "" for single words, and for ends that are too short."""
    found: dict[str, list[str]] = {}
    for words in ANSWERED_INSIDE:
        end = words.rpartition(" ")[2][:_END] if " " in words else ""
        found.setdefault(end if len(end) == _END else "", []).append(words)
    return found


_PHRASES = _by_last_word()
_ALWAYS_SEARCHED = tuple(_PHRASES.pop(""))
