"""Separates what a person wrote from what they quoted and signed with, in plain text.

A line scanner without backtracking: each line is looked at a fixed number of times, and only at its first
thousand characters (reference/mail.md, 6). Where it is unsure it hides nothing: then all of the text is the reply.
`html_quotes.py` marks what HTML says is quoted with `>` and hands the lines to this.
"""

import re
from enum import Enum
from typing import NamedTuple

from banxway.providers.mail.parse.replies.answers_inside import tells_of_answers_inside
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
"""Nobody answers so much at once; what comes behind is kept as it is."""
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
    """What a line is: new, marked as quoted, or ours to leave out (an introduction, an unmarked quote)."""

    NEW = "new"
    MARKED = "marked"
    INTRODUCTION = "introduction"
    REST = "rest"


_NEW, _MARKED = Kind.NEW, Kind.MARKED


class ReplyParts(NamedTuple):
    """A mail's text in three: what is new, what it answers, and the signature; "" for what is absent."""

    reply: str
    quoted: str
    signature: str


def split_reply(text: str) -> ReplyParts:
    """Split a plain text in time linear in its length; `reply` is never blank unless the text is.

    Answers written between or below quoted lines are all kept, those between with what they answer. All of the
    text is the reply where it passes a mail on, and where answers may stand inside of what it quotes.
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
    # To search for one sign costs a tenth of what a search for two does.
    return any(sign in text for sign in _HINTS) or any(
        sign[-1] in text and sign in text for sign in _LONG_HINTS
    )


def is_forward(subject: str) -> bool:
    """Whether a mail passes another on, by what stands first in its subject: `Re: Fwd: x` answers."""
    if ":" not in subject and "：" not in subject:
        return False
    beginning = subject[:_LONGEST_SUBJECT].strip().lower()
    if beginning.startswith("["):
        beginning = beginning.partition("]")[2].strip()
    prefix, colon, _ = beginning.replace("：", ":").partition(":")
    return bool(colon) and prefix.strip() in FORWARDED_SUBJECTS


def _kinds(lines: list[str]) -> list[Kind] | None:
    """Return what each line is, or None where the mail passes another on."""
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
        if not is_answer and sign in _BEGIN_FORWARDS and len(line) > _SHORTEST_TITLE and _passes_on(line):
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


def _passes_on(line: str) -> bool:
    """Whether a mail that is passed on begins here, which is what its sender wants to be read."""
    short = line[:_LONGEST_LINE].strip().lstrip("> ").lower()
    if short.startswith(INTRODUCTIONS):
        return True
    if short[:1] not in ("-", "_", "=", "*", "—", "–"):
        return False
    words = short.strip("-_—–*= :").replace("\u2019", "'")
    return words.startswith(FORWARDS) and short[:2] in ("--", "__", "==", "**", "——", "––", "-—", "—-")


def _may_answer_inside(lines: list[str], kinds: list[Kind]) -> bool:
    """Whether answers may stand within what is quoted, where nobody but a reader can tell them.

    Who answers so says it above the quote, or writes nothing there but a greeting.
    """
    if kinds.count(_NEW) == len(kinds):
        return False
    last = len(kinds) - 1 - next((at for at, kind in enumerate(reversed(kinds)) if kind is not Kind.NEW), 0)
    if kinds[last] is Kind.NEW or any(line.strip() for line in lines[last + 1 :]):
        return False
    written = "\n".join(line for line, kind in zip(lines, kinds, strict=True) if kind is Kind.NEW)
    said = written[:_LONGEST_REPLY_SEARCHED].strip().lower()
    if not said or tells_of_answers_inside(said):
        return True
    return kinds[last] is Kind.REST and said.endswith(",") and len(said.split()) <= _GREETING_WORDS


def _keep_what_is_answered(lines: list[str], kinds: list[Kind]) -> None:
    """Let quoted lines stay where answers stand between them, down to the last answer."""
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
    """The rest of a long quoted line that a program wrapped without repeating its mark."""
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
    """A rule drawn above an introduction belongs to it."""
    last = len(kinds) - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last >= 0 and kinds[last] is Kind.NEW and _RULE.fullmatch(lines[last].strip()[:100]):
        kinds[last:] = [Kind.INTRODUCTION] * (len(kinds) - last)


def _introduced(lines: list[str], at: int) -> tuple[Kind, int]:
    """Return what begins at a line, and how many lines it takes: all that follow, where no marks do."""
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
        # Dashes around a few words, and a header block below, in a language that is not listed.
        is_framed = (
            3 < len(words) < 60 and short.endswith(("--", "==", "__")) and short[:2] in ("--", "==", "__")
        )
        return is_framed and _heads_mail(lines, at)
    return at > 0 and short.startswith(REPLY_ABOVE)


def _heads_mail(lines: list[str], at: int) -> bool:
    return any(is_header_block(lines, below) for below in range(at + 1, min(at + 4, len(lines))))


def _is_framed_title(short: str, is_phrase: bool) -> bool:
    """Whether the signs around a known title are a frame, and not the point of a list: `- Original`."""
    before = len(short) - len(short.lstrip(_DRAWN))
    after = len(short) - len(short.rstrip(_DRAWN))
    return (before > 1 and after > 1) or (is_phrase and (before > 1 or after > 0))
