"""Finds the statements that introduce a quote: `On … Bob wrote:`, in any of its languages."""

import re

from banxway.providers.mail.parse.replies.quote_words import (
    NAME_PARTICLES,
    OPENERS,
    PRONOUNS,
    USED_IN_SENTENCES,
    WROTE,
    WROTE_INSIDE,
)

_LONGEST_LINE = 1000
_LONGEST_ATTRIBUTION = 400
_MOST_LINES = 4
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_TIME_OR_YEAR = re.compile(r"\d{1,2}[:.h]\d{2}|(?:19|20)\d\d")
_DIGIT = re.compile(r"\d")
_ENDS = (":", "：", "写道", "寫道", "--", "__")
_COLONS = (":", "：")
_WROTE_INSIDE = tuple(f" {word} " for word in WROTE_INSIDE)
_SAYS = tuple(f" {word.strip()} " for word in WROTE if word not in USED_IN_SENTENCES)
_AROUND = "-_—– \u200e\u200f\u202a\u202b\u202c"
"""What stands around an attribution: dashes, and the controls of scripts that run from right to left."""
_MOST_NAMES, _MOST_DATE_WORDS = 4, 4
_FULL_STOPS = (".", "!", "?", "。", "！", "？")


def is_quoted(line: str) -> bool:
    """Whether a line is marked as quoted. One that a mailbox file escaped (`>From`) is not."""
    return line.lstrip()[:1] == ">" and not line.startswith(">From ")


def next_is_quoted(lines: list[str], at: int) -> bool:
    """Whether the next written line, of the five that follow, is marked as quoted."""
    following = next((line for line in lines[at : at + 5] if line.strip()), "")
    return is_quoted(following)


def attribution_length(lines: list[str], at: int) -> int:
    """Return how many lines an attribution takes here, 0 where there is none.

    A line directly above one is no part of it: it may be the last that its writer wrote.
    """
    pieces: list[str] = []
    for line in lines[at : at + _MOST_LINES]:
        stripped = line[:_LONGEST_LINE].strip()
        if not stripped or stripped.startswith(">"):
            return 0
        pieces.append(stripped)
        joined = " ".join(pieces)
        if len(joined) > _LONGEST_ATTRIBUTION:
            return 0
        if joined.endswith(_ENDS):
            is_marked = next_is_quoted(lines, at + len(pieces))
            is_whole = is_attribution(joined, is_marked=is_marked) and _begins(pieces, is_marked=is_marked)
            return len(pieces) if is_whole and _starts(lines, at, len(pieces)) else 0
    return 0


def barred_length(lines: list[str], at: int) -> int:
    """Return how many lines a quote takes that is marked with bars below a date and an address, 0 where none is."""
    statement = lines[at][:_LONGEST_LINE].strip()
    if "@" not in statement or not _has_address(statement) or not _opens(statement.lower()):
        return 0
    if not _TIME_OR_YEAR.search(statement) or not _names_a_writer(statement, statement.lower()):
        return 0
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].lstrip().startswith("|")):
        end += 1
    return end - at if any(line.strip() for line in lines[at + 1 : end]) else 0


def is_attribution(joined: str, *, is_marked: bool) -> bool:
    """Whether this states that somebody wrote something; `is_marked` when marked quotes follow it."""
    statement = joined.strip(_AROUND).rstrip(":： ")
    text = statement.lower()
    has_address = _has_address(text)
    if not has_address and not _DIGIT.search(text):
        return False
    if text.endswith(WROTE) or any(word in text for word in _WROTE_INSIDE):
        if is_marked:
            return has_address or (_opens(text) and _has_date(text))
        return has_address or (_opens(text) and _TIME.search(text) is not None and not _tells(statement))
    if not joined.endswith(_COLONS):
        return False
    if is_marked:
        return has_address or (_TIME_OR_YEAR.search(text) is not None and _opens(text))
    return has_address and _TIME_OR_YEAR.search(text) is not None and _names_a_writer(statement, text)


def _begins(pieces: list[str], *, is_marked: bool) -> bool:
    """Whether the first line belongs to the statement: it opens one, and no later line does so better."""
    for count in range(1, len(pieces)):
        rest = " ".join(pieces[count:])
        if _opens(rest.lower()) and is_attribution(rest, is_marked=is_marked):
            return False
    if len(pieces) == 1:
        return True
    first = pieces[0]
    if first.endswith(_FULL_STOPS) and not _opens(first.lower()):
        return False
    if is_attribution(" ".join(pieces[1:]), is_marked=is_marked):
        return _opens(first.lower()) and _TIME_OR_YEAR.search(first) is not None
    return _opens(first.lower()) or _has_address(first) or _TIME_OR_YEAR.search(first) is not None


def _starts(lines: list[str], at: int, count: int) -> bool:
    """Whether this line begins a statement: one that folds must not swallow the reply's last line."""
    return count == 1 or at == 0 or not lines[at - 1].strip() or _opens(lines[at].strip().lower())


def _opens(text: str) -> bool:
    return text[:1].isdigit() or text.lstrip(_AROUND).startswith(OPENERS)


def _has_address(text: str) -> bool:
    return "@" in text and ("<" in text or "[mailto:" in text or "(" in text)


def _has_date(text: str) -> bool:
    return _TIME_OR_YEAR.search(text) is not None or (
        _DIGIT.search(text[:30]) is not None and len(text) < 200
    )


def _tells(statement: str) -> bool:
    """Whether a person tells what somebody wrote (`your colleague wrote`), as no program does."""
    words = statement.split()
    if len(words) < 2 or not statement.lower().endswith(WROTE):
        return False
    writer = words[-2]
    return writer.lower() in PRONOUNS or (writer[:1].isalpha() and writer[:1].isascii() and writer.islower())


def _names_a_writer(statement: str, text: str) -> bool:
    """Whether a line with an address and a date is nothing more, or says in some language that he wrote."""
    before, _, after = statement.partition("@")
    if any(word in text for word in _SAYS) or (_opens(text) and _DIGIT.search(before)):
        return True
    # Only a name stands before the address, and only a date behind it: else it is somebody's sentence.
    names = [word.lstrip("\"'<([") for word in before.split()[:-1]]
    dates = [word for word in after.split()[1:] if "@" not in word and not _DIGIT.search(word)]
    are_names = all(not word[:1].islower() or word in NAME_PARTICLES for word in names)
    return are_names and len(names) <= _MOST_NAMES and len(dates) <= _MOST_DATE_WORDS
