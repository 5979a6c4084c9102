"""Finds attributions, the lines that introduce a quote: `On … Bob wrote:`, in many languages."""

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
"""Characters around an attribution: dashes, and the direction marks of right-to-left scripts."""
_MOST_NAMES, _MOST_DATE_WORDS = 4, 4
_FULL_STOPS = (".", "!", "?", "。", "！", "？")


def is_quoted(line: str) -> bool:
    """Return whether a line is marked as quoted; a line that a mailbox file escaped (`>From`) is not."""
    return line.lstrip()[:1] == ">" and not line.startswith(">From ")


def next_is_quoted(lines: list[str], at: int) -> bool:
    """Return whether the first non-blank line among five is marked as quoted."""
    following = next((line for line in lines[at : at + 5] if line.strip()), "")
    return is_quoted(following)


def attribution_length(lines: list[str], at: int) -> int:
    """Return how many lines an attribution has that begins here, 0 if none does.

    A line directly above an attribution is not part of it: it may be the last line of the reply.
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
            is_whole = is_attribution(joined, is_marked=is_marked) and _first_line_belongs(
                pieces, is_marked=is_marked
            )
            return len(pieces) if is_whole and _begins_here(lines, at, len(pieces)) else 0
    return 0


def barred_length(lines: list[str], at: int) -> int:
    """Return the lines of a quote with bars (`|`) and of the date and address above it, 0 if there is none."""
    statement = lines[at][:_LONGEST_LINE].strip()
    if "@" not in statement or not _has_address(statement) or not _has_opener(statement.lower()):
        return 0
    if not _TIME_OR_YEAR.search(statement) or not _is_bare_attribution(statement, statement.lower()):
        return 0
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].lstrip().startswith("|")):
        end += 1
    return end - at if any(line.strip() for line in lines[at + 1 : end]) else 0


def is_attribution(joined: str, *, is_marked: bool) -> bool:
    """Return whether this says that a person wrote something; `is_marked` if marked quotes follow it."""
    statement = joined.strip(_AROUND).rstrip(":： ")
    text = statement.lower()
    has_address = _has_address(text)
    if not has_address and not _DIGIT.search(text):
        return False
    if text.endswith(WROTE) or any(word in text for word in _WROTE_INSIDE):
        if is_marked:
            return has_address or (_has_opener(text) and _has_date(text))
        return has_address or (
            _has_opener(text) and _TIME.search(text) is not None and not _is_remark(statement)
        )
    if not joined.endswith(_COLONS):
        return False
    if is_marked:
        return has_address or (_TIME_OR_YEAR.search(text) is not None and _has_opener(text))
    return has_address and _TIME_OR_YEAR.search(text) is not None and _is_bare_attribution(statement, text)


def _first_line_belongs(pieces: list[str], *, is_marked: bool) -> bool:
    """Return whether the first line belongs to the attribution, and none begins at a later line."""
    for count in range(1, len(pieces)):
        rest = " ".join(pieces[count:])
        if _has_opener(rest.lower()) and is_attribution(rest, is_marked=is_marked):
            return False
    if len(pieces) == 1:
        return True
    first = pieces[0]
    if first.endswith(_FULL_STOPS) and not _has_opener(first.lower()):
        return False
    if is_attribution(" ".join(pieces[1:]), is_marked=is_marked):
        return _has_opener(first.lower()) and _TIME_OR_YEAR.search(first) is not None
    return _has_opener(first.lower()) or _has_address(first) or _TIME_OR_YEAR.search(first) is not None


def _begins_here(lines: list[str], at: int, count: int) -> bool:
    """Return whether an attribution of several lines begins here and not at the reply's last line."""
    return count == 1 or at == 0 or not lines[at - 1].strip() or _has_opener(lines[at].strip().lower())


def _has_opener(text: str) -> bool:
    return text[:1].isdigit() or text.lstrip(_AROUND).startswith(OPENERS)


def _has_address(text: str) -> bool:
    return "@" in text and ("<" in text or "[mailto:" in text or "(" in text)


def _has_date(text: str) -> bool:
    return _TIME_OR_YEAR.search(text) is not None or (
        _DIGIT.search(text[:30]) is not None and len(text) < 200
    )


def _is_remark(statement: str) -> bool:
    """Return whether a person, not a program, reports what another wrote (`your colleague wrote`)."""
    words = statement.split()
    if len(words) < 2 or not statement.lower().endswith(WROTE):
        return False
    writer = words[-2]
    return writer.lower() in PRONOUNS or (writer[:1].isalpha() and writer[:1].isascii() and writer.islower())


def _is_bare_attribution(statement: str, text: str) -> bool:
    """Return whether a line with an address and a date has nothing else, or a word for "wrote"."""
    before, _, after = statement.partition("@")
    if any(word in text for word in _SAYS) or (_has_opener(text) and _DIGIT.search(before)):
        return True
    # Only a name may be before the address, and only a date after it; anything else is a person's sentence.
    names = [word.lstrip("\"'<([") for word in before.split()[:-1]]
    dates = [word for word in after.split()[1:] if "@" not in word and not _DIGIT.search(word)]
    are_names = all(not word[:1].islower() or word in NAME_PARTICLES for word in names)
    return are_names and len(names) <= _MOST_NAMES and len(dates) <= _MOST_DATE_WORDS
