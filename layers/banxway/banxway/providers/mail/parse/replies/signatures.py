"""Finds the beginning of a mail's signature: a mark, a line that a phone adds, or a letter's closing.

A block with more than a name and contact details is not a signature: it may be a list, a request or a postscript.
"""

import re

from banxway.providers.mail.parse.replies.quote_words import (
    CARRIERS,
    CLOSINGS,
    DEVICE_NAMES,
    DEVICES,
    DISCLAIMERS,
    NAME_PARTICLES,
    SENT_FROM,
    SENT_SOMEHOW,
)

_MOST_LINES = 15
_LONGEST_LINE = 120
_STANDARD_MARK = "-- "
_MARKS = ("--", "—", "–", "__", "---", "-")
_LIST_FOOTER = re.compile(r"_{20,80}")
_OF_LISTS = ("mailing list", "mailman", "listinfo", "unsubscribe", "mailingliste", "liste de diffusion")
_INITIALED = re.compile(r"-{1,2}[^\W\d_][\w.'’-]{0,30}(?: [^\W\d_][\w.'’-]{0,30}){0,2}")
_POINT = re.compile(r"(?:\d{1,2}[.):]|[a-z][.)]|[-*•·–>])[ \t]+\S")
_POSTSCRIPT = re.compile(r"p\.? ?p?\.? ?s\b|n\.? ?b\b")
_REACHED = re.compile(r"@|://|www\.|\d[\d ()./-]{5,}\d")
"""Contact details: an address or a number."""
_DETAIL = re.compile(r"[\d.,]")
"""Characters of a person's own text about goods or papers: digits, full stops and commas."""
_SENTENCE_ENDS = (".", "!", "。", "！", "।", "…")
_QUESTIONS = ("?", "？", "؟", ";")
_LOWER_IN_TITLES = NAME_PARTICLES | {
    "of",
    "for",
    "and",
    "the",
    "für",
    "pour",
    "para",
    "per",
    "voor",
    "i",
    "och",
    "og",
}
_FIRST_LETTERS = frozenset(word[0] for word in (*SENT_FROM, *CLOSINGS)) | frozenset("-—–_")
_MOST_WRITTEN, _WIDEST = 12, 90
_MOST_WORDS, _MOST_WORDS_BELOW, _MOST_SIGNS = 4, 2, 14


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines before the signature, and its own; it is searched for in the last 15 non-blank lines only."""
    start, written = len(lines), 0
    while start and written < _MOST_LINES:
        start -= 1
        written += bool(lines[start].strip())
    for at in range(start, len(lines)):
        line = lines[at]
        if line and len(line) <= _LONGEST_LINE and _begins(lines, at, line.strip().lower()):
            return lines[:at], lines[at:]
    return lines, []


def _begins(lines: list[str], at: int, short: str) -> bool:
    if short[:1] not in _FIRST_LETTERS:
        return False
    below = lines[at + 1 :]
    if short in _MARKS:
        is_standard = lines[at] == _STANDARD_MARK
        return _is_block(below) and (is_standard or _names_a_person(below))
    if short.startswith(SENT_FROM):
        return _is_sent_from(short) and _is_block(below) and sum(map(bool, map(str.strip, below))) <= 3
    if short.rstrip(",.!;:、。， ") in CLOSINGS:
        return _is_block(below)
    if _LIST_FOOTER.fullmatch(short):
        return any(words in "\n".join(below).lower() for words in _OF_LISTS)
    return not any(map(str.strip, below)) and _is_initialed(lines, at)


def _is_sent_from(short: str) -> bool:
    """Return whether a program wrote this, such as `Sent with Spark`; `Sent with DHL, AWB 123` is about goods."""
    if not short.startswith(SENT_SOMEHOW):
        return True
    words = [word.strip(".,;:!()®™") for word in short.split()]
    if any(word in DEVICE_NAMES or word.startswith(DEVICES) for word in words):
        return True
    return not _DETAIL.search(short) and not any(word in CARRIERS for word in words)


def _is_block(lines: list[str]) -> bool:
    """Return whether these lines could be a name and contact details: few, short, and not a person's sentences."""
    written = 0
    is_below_gap = was_blank = False
    for line in lines:
        text = line.strip()
        if not text:
            was_blank = written > 0
            continue
        is_below_gap = is_below_gap or was_blank
        written += 1
        if written > _MOST_WRITTEN or len(text) > _WIDEST or _is_sentence(text, is_below_gap=is_below_gap):
            return False
    return True


def _is_sentence(text: str, *, is_below_gap: bool) -> bool:
    """Return whether a line is a sentence and not a name; fewer words suffice below a gap, where postscripts are."""
    lower = text.lower()
    if lower.startswith(DISCLAIMERS):
        return False
    if text.endswith(_QUESTIONS) or _POSTSCRIPT.match(lower) or _POINT.match(lower):
        return not (_REACHED.search(text) and not text.endswith(_QUESTIONS))
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    if not any(letter.isupper() or letter.islower() for letter in text):
        return len(text) > _MOST_SIGNS and not _REACHED.search(text)
    plain = [word for word in words if word[:1].islower() and word.lower() not in _LOWER_IN_TITLES]
    most = _MOST_WORDS_BELOW if is_below_gap else _MOST_WORDS
    if len(plain) < 2 and text.endswith(_SENTENCE_ENDS) and len(words) > _MOST_WORDS:
        return not _REACHED.search(text)
    return len(words) > most and len(plain) * 2 >= len(words)


def _names_a_person(lines: list[str]) -> bool:
    """Return whether the first non-blank line could be a name, or there is none."""
    first = next((line.strip() for line in lines if line.strip()), "")
    words = first.rstrip(",.").split()
    if len(words) > _MOST_WORDS + 1 or any(map(str.isdigit, first)):
        return bool(_REACHED.search(first))
    return not first.endswith(":") and all(
        not word[:1].islower() or word in _LOWER_IN_TITLES or len(words) == 1 for word in words
    )


def _is_initialed(lines: list[str], at: int) -> bool:
    """Return whether a last line is a name after a dash, below a blank line and a complete sentence.

    Anything else may be an item of a list.
    """
    text = lines[at].strip()
    if not _INITIALED.fullmatch(text) or at < 2 or lines[at - 1].strip():
        return False
    before = next((line.strip() for line in reversed(lines[:at]) if line.strip()), "")
    is_finished = before.endswith((".", "!", "?")) and before[:1] not in ("-", "*", "•")
    return is_finished and all(word[:1].isupper() for word in text.strip("-").split())
