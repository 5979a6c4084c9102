"""Splits plain text into the person's reply, the quote and the signature.

It scans lines without backtracking: each line is read a limited number of times, and only its first thousand
characters (reference/mail.md, 6). When it is unsure, all of the text is the reply. `html_quotes.py` marks HTML's
quotes with `>` and then uses this.
"""

import re
from enum import Enum
from typing import NamedTuple

from banxway.providers.mail.parse.replies.answers_inside import announces_answers_inside
from banxway.providers.mail.parse.replies.attributions import (
    attribution_length,
    barred_length,
    is_quoted,
    next_is_quoted,
)
from banxway.providers.mail.parse.replies.header_blocks import is_header_block
from banxway.providers.mail.parse.replies.quote_words import (
    FORWARDED_SUBJECTS,
    FORWARDS,
    INTRODUCTIONS,
    REPLY_ABOVE,
    SEPARATORS,
)
from banxway.providers.mail.parse.replies.signatures import split_signature

_MOST_LINES = 20_000
"""No reply is that long; all lines after these count as new."""
_LONGEST_LINE = 1000
_LONGEST_REPLY_SEARCHED = 4000
_WIDE = 60
_RULE = re.compile(r"[-_=*—–]{3,80}[ >]*")
_DRAWN = "-_—–*=#"
_HINTS = (":", ">", "：")
_LONG_HINTS = ("--", "写道", "寫道", "__", "##", "\n|")
_BEGIN_FORWARDS = frozenset(f"-_=*—–>{''.join(word[0] + word[0].upper() for word in INTRODUCTIONS)}")
_STOPS = frozenset(":：道-_")
_GREETING_WORDS = 4
_LONGEST_SUBJECT = 200
_SHORTEST_TITLE = 6


class Kind(Enum):
    """What a line is: new, marked as quoted, the introduction of a quote, or (REST) an unmarked quote to the end."""

    NEW = "new"
    MARKED = "marked"
    INTRODUCTION = "introduction"
    REST = "rest"


_NEW, _MARKED = Kind.NEW, Kind.MARKED


class ReplyParts(NamedTuple):
    """A mail's text in three parts: what is new, what it quotes, and the signature; "" for a missing part."""

    reply: str
    quoted: str
    signature: str


def split_reply(text: str) -> ReplyParts:
    """Split a plain text in linear time; `reply` is blank only if the text is.

    Answers between or below quoted lines are all kept, those between together with the lines that they answer. All
    of the text is the reply if it forwards a mail, or if answers may be inside the quote.
    """
    lines = text.split("\n")
    new, quoted = lines, list[str]()
    if _may_quote(text):
        kinds = _kinds(lines)
        if kinds is None or _may_answer_inside(lines, kinds):
            return ReplyParts(text.strip(), "", "")
        if kinds.count(_NEW) < len(kinds):
            _keep_what_is_answered(lines, kinds)
            new = [line for line, kind in zip(lines, kinds, strict=True) if kind is _NEW]
            quoted = [line for line, kind in zip(lines, kinds, strict=True) if kind is not _NEW]
    body, signature = split_signature(new)
    reply = "\n".join(body).strip()
    if not reply:
        reply, signature = "\n".join(new).strip(), []
    if not reply:
        return ReplyParts(text.strip(), "", "")
    return ReplyParts(reply, "\n".join(quoted).strip("\n"), "\n".join(signature).strip("\n"))


def _may_quote(text: str) -> bool:
    # A search for one character costs a tenth of a search for two.
    return any(sign in text for sign in _HINTS) or any(
        sign[-1] in text and sign in text for sign in _LONG_HINTS
    )


def is_forward(subject: str) -> bool:
    """Return whether a mail forwards another, by the first prefix of its subject: `Re: Fwd: x` is an answer."""
    if ":" not in subject and "：" not in subject:
        return False
    beginning = subject[:_LONGEST_SUBJECT].strip().lower()
    if beginning.startswith("["):
        beginning = beginning.partition("]")[2].strip()
    prefix, colon, _ = beginning.replace("：", ":").partition(":")
    return bool(colon) and prefix.strip() in FORWARDED_SUBJECTS


def _kinds(lines: list[str]) -> list[Kind] | None:
    """Return what each line is, or None if the mail forwards another."""
    kinds: list[Kind] = []
    most = min(len(lines), _MOST_LINES)
    stops = [at for at, line in enumerate(lines[:most]) if line.rstrip()[-1:] in _STOPS]
    stops.reverse()
    at, is_answer = 0, False
    while at < most:
        line = lines[at]
        if not line:
            kinds.append(_NEW)
            at += 1
            continue
        while stops and stops[-1] < at:
            stops.pop()
        sign = line.lstrip()[:1]
        if (
            not is_answer
            and sign in _BEGIN_FORWARDS
            and len(line) > _SHORTEST_TITLE
            and _begins_forward(line)
        ):
            return None
        kind, count = _NEW, 1
        if sign == ">" and is_quoted(line):
            kind = _MARKED
        elif ":" in line or sign in _DRAWN or "：" in line or "@" in line or (stops and stops[-1] - at < 4):
            kind, count = _introduced(lines, at) if sign else (_NEW, 1)
            if kind in (Kind.INTRODUCTION, Kind.REST):
                _take_rule(lines, kinds)
        elif is_answer and _is_wrapped_quote(lines, at):
            kind = _MARKED
        kinds += [kind] * count
        at += count
        is_answer = is_answer or kind is not _NEW
    return (kinds + [_NEW] * (len(lines) - len(kinds)))[: len(lines)]


def _begins_forward(line: str) -> bool:
    """Return whether a forwarded mail begins here, which its sender wants to be read."""
    short = line[:_LONGEST_LINE].strip().lstrip("> ").lower()
    if short.startswith(INTRODUCTIONS):
        return True
    if short[:1] not in ("-", "_", "=", "*", "—", "–"):
        return False
    words = short.strip("-_—–*= :").replace("\u2019", "'")
    return words.startswith(FORWARDS) and short[:2] in ("--", "__", "==", "**", "——", "––", "-—", "—-")


def _may_answer_inside(lines: list[str], kinds: list[Kind]) -> bool:
    """Return whether answers may be inside the quote, where only a person can distinguish the two.

    A person who answers there announces it above the quote, or writes only a greeting there.
    """
    if kinds.count(_NEW) == len(kinds):
        return False
    last = len(kinds) - 1 - next((at for at, kind in enumerate(reversed(kinds)) if kind is not Kind.NEW), 0)
    if kinds[last] is Kind.NEW or any(line.strip() for line in lines[last + 1 :]):
        return False
    written = "\n".join(line for line, kind in zip(lines, kinds, strict=True) if kind is Kind.NEW)
    text = written[:_LONGEST_REPLY_SEARCHED].strip().lower()
    if not text or announces_answers_inside(text):
        return True
    return kinds[last] is Kind.REST and text.endswith(",") and len(text.split()) <= _GREETING_WORDS


def _keep_what_is_answered(lines: list[str], kinds: list[Kind]) -> None:
    """Mark quoted lines with answers between them as new, down to the last answer."""
    marked = [at for at, kind in enumerate(kinds) if kind is Kind.MARKED]
    if not marked:
        return
    first, last = marked[0], marked[-1]
    written = [at for at, kind in enumerate(kinds) if kind is Kind.NEW and lines[at].strip()]
    if not any(first < at < last for at in written):
        return
    for at in marked:
        if at < written[-1]:
            kinds[at] = Kind.NEW


def _is_wrapped_quote(lines: list[str], at: int) -> bool:
    """Return whether a line is the rest of a long quoted line that a program wrapped without repeating the mark."""
    if not 0 < at < len(lines) - 1 or not lines[at].strip():
        return False
    before = lines[at - 1]
    return (
        is_quoted(before)
        and is_quoted(lines[at + 1])
        and len(before) >= _WIDE
        and before.rstrip()[-1] not in ".?!:;"
        and len(lines[at]) < _WIDE
    )


def _take_rule(lines: list[str], kinds: list[Kind]) -> None:
    """Mark a line of dashes above an introduction as part of the introduction."""
    last = len(kinds) - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last >= 0 and kinds[last] is Kind.NEW and _RULE.fullmatch(lines[last].strip()[:100]):
        kinds[last:] = [Kind.INTRODUCTION] * (len(kinds) - last)


def _introduced(lines: list[str], at: int) -> tuple[Kind, int]:
    """Return what begins at a line, and how many lines it has: all that follow if the quote is not marked."""
    if _is_wrapped_quote(lines, at):
        return Kind.MARKED, 1
    short = lines[at][:_LONGEST_LINE].strip().lower()
    if _is_separator(lines, at, short) or is_header_block(lines, at):
        return Kind.REST, len(lines) - at
    barred = barred_length(lines, at)
    if barred:
        return Kind.INTRODUCTION, barred
    count = attribution_length(lines, at)
    if count and next_is_quoted(lines, at + count):
        return Kind.INTRODUCTION, count
    return (Kind.REST, len(lines) - at) if count else (Kind.NEW, 1)


def _is_separator(lines: list[str], at: int, short: str) -> bool:
    if short[0] in _DRAWN:
        words = short.strip("-_—–*=# ").rstrip(":").replace("\u2019", "'")
        if words in REPLY_ABOVE:
            return True
        if words in SEPARATORS:
            return _is_framed_title(short.rstrip(": "), " " in words) or (
                " " in words and _heads_mail(lines, at)
            )
        # In a language that is not listed: dashes around a few words, and a header block below.
        is_framed = (
            3 < len(words) < 60 and short.endswith(("--", "==", "__")) and short[:2] in ("--", "==", "__")
        )
        return is_framed and _heads_mail(lines, at)
    return at > 0 and short.startswith(REPLY_ABOVE)


def _heads_mail(lines: list[str], at: int) -> bool:
    return any(is_header_block(lines, below) for below in range(at + 1, min(at + 4, len(lines))))


def _is_framed_title(short: str, is_phrase: bool) -> bool:
    """Return whether the characters around a known title are a frame, and not the bullet of a list: `- Original`."""
    before = len(short) - len(short.lstrip(_DRAWN))
    after = len(short) - len(short.rstrip(_DRAWN))
    return (before > 1 and after > 1) or (is_phrase and (before > 1 or after > 0))
