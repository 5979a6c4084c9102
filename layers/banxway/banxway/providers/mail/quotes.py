"""Separates what a person wrote from what they quoted and signed with, in plain text.

A line scanner without backtracking: each line is looked at a fixed number of times, and only at its first
thousand characters (mail.md, section 6). The full text is stored beside the result, so a wrong cut hides
nothing. `html_quotes.py` marks what HTML says is quoted with `>` and hands the lines to this.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from banxway.providers.mail.quote_words import (
    FROM,
    INTRODUCTIONS,
    NAME_PARTICLES,
    OPENERS,
    OTHERS,
    REPLY_ABOVE,
    SENT,
    SEPARATORS,
    USED_IN_SENTENCES,
    WROTE,
    WROTE_INSIDE,
)
from banxway.providers.mail.signatures import split_signature

_MOST_LINES = 20_000
"""Nobody answers so much at once; what comes behind is kept as it is."""
_LONGEST_LINE = 1000
_LONGEST_ATTRIBUTION = 400
_WIDE = 60
_RULE = re.compile(r"[-_=*—–]{3,80}[ >]*")
_TIME_OR_YEAR = re.compile(r"\d{1,2}[:.h]\d{2}|(?:19|20)\d\d")
_DIGIT = re.compile(r"\d")
_WROTE_INSIDE = tuple(f" {word} " for word in WROTE_INSIDE)
_DRAWN = "-_—–*=#"
_HINTS = (":", ">", "--", "：", "写道", "寫道", "__", "##")
_STOPS = frozenset(":：道-_")
_COLONS = (":", "：")
_AROUND = "-_—– \u200e\u200f\u202a\u202b\u202c"
"""What stands around an attribution: dashes, and the controls of scripts that run from right to left."""
_SAYS = tuple(f" {word.strip()} " for word in WROTE if word not in USED_IN_SENTENCES)
_MOST_NAMES, _MOST_DATE_WORDS = 4, 4


class ReplyParts(NamedTuple):
    """A mail's text in three: what is new, what it answers, and the signature; "" for what is absent."""

    reply: str
    quoted: str
    signature: str


def split_reply(text: str) -> ReplyParts:
    """Split a plain text in time linear in its length; `reply` is never blank unless the text is.

    Answers written between or below quoted lines are all kept. A mail that is nothing but a forward or a
    quote is its own reply.
    """
    lines = text.split("\n")
    new, quoted = _separated(lines) if any(sign in text for sign in _HINTS) else (lines, [])
    body, signature = split_signature(new)
    reply = "\n".join(body).strip()
    if not reply:
        reply, signature = "\n".join(new).strip(), []
    if not reply:
        return ReplyParts(text.strip(), "", "")
    return ReplyParts(reply, "\n".join(quoted).strip("\n"), "\n".join(signature).strip("\n"))


def _separated(lines: list[str]) -> tuple[list[str], list[str]]:
    new: list[str] = []
    quoted: list[str] = []
    most = min(len(lines), _MOST_LINES)
    stops = [at for at, line in enumerate(lines[:most]) if line.rstrip()[-1:] in _STOPS]
    stops.reverse()
    at = 0
    while at < most:
        line = lines[at]
        while stops and stops[-1] < at:
            stops.pop()
        sign = line.lstrip()[:1]
        if sign == ">" and _is_quoted(line):
            quoted.append(line)
            at += 1
        elif ":" in line or sign in _DRAWN or "：" in line or (stops and stops[-1] - at < 4):
            count = 0 if not sign else 1 if _is_wrapped_quote(lines, at) else _introduced(lines, at)
            _move_rule(new, quoted, is_introduced=count > 0)
            (quoted if count else new).extend(lines[at : at + max(count, 1)])
            at += max(count, 1)
        else:
            is_rest = bool(quoted) and _is_wrapped_quote(lines, at)
            (quoted if is_rest else new).append(line)
            at += 1
    new.extend(lines[at:])
    return new, quoted


def _is_quoted(line: str) -> bool:
    # A line that mailbox files escaped (`>From`) is no quote.
    return line.lstrip()[:1] == ">" and not line.startswith(">From ")


def _is_wrapped_quote(lines: list[str], at: int) -> bool:
    """The rest of a long quoted line that a program wrapped without repeating its mark."""
    if not 0 < at < len(lines) - 1 or not lines[at].strip():
        return False
    before = lines[at - 1]
    return (
        _is_quoted(before)
        and _is_quoted(lines[at + 1])
        and len(before) >= _WIDE
        and before.rstrip()[-1] not in ".?!:;"
        and len(lines[at]) < _WIDE
    )


def _move_rule(new: list[str], quoted: list[str], *, is_introduced: bool) -> None:
    """A rule drawn above an introduction belongs to it."""
    if not is_introduced:
        return
    last = len(new) - 1
    while last >= 0 and not new[last].strip():
        last -= 1
    if last >= 0 and _RULE.fullmatch(new[last].strip()[:100]):
        quoted.extend(new[last:])
        del new[last:]


def _introduced(lines: list[str], at: int) -> int:
    """How many lines from here are quoted: all, where no marks follow; an attribution, where they do; else 0."""
    short = lines[at][:_LONGEST_LINE].strip().lower()
    if not short:
        return 0
    if _is_separator(lines, at, short) or _is_header_block(lines, at):
        return len(lines) - at
    count = _attribution_length(lines, at)
    if count and _next_is_quoted(lines, at + count):
        return count
    return len(lines) - at if count else 0


def _next_is_quoted(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 5] if line.strip()), "")
    return _is_quoted(following)


def _is_separator(lines: list[str], at: int, short: str) -> bool:
    if short[0] in _DRAWN:
        words = short.strip("-_—–*=# ").rstrip(":").replace("\u2019", "'")
        if words.startswith(INTRODUCTIONS) or words in REPLY_ABOVE:
            return True
        if words in SEPARATORS:
            return _is_framed_title(short.rstrip(": "), " " in words) or (
                " " in words and _labels_below(lines, at) > 0
            )
        # Dashes around a few words, and a header block below, in a language that is not listed.
        is_framed = (
            3 < len(words) < 60 and short.endswith(("--", "==", "__")) and short[:2] in ("--", "==", "__")
        )
        return is_framed and _labels_below(lines, at) >= 2
    return short.startswith(INTRODUCTIONS) or (at > 0 and short.startswith(REPLY_ABOVE))


def _labels_below(lines: list[str], at: int) -> int:
    return sum(_label(line) in OTHERS or _label(line) in FROM for line in lines[at + 1 : at + 6])


def _is_framed_title(short: str, is_phrase: bool) -> bool:
    """Whether the signs around a known title are a frame, and not the point of a list: `- Original`."""
    before = len(short) - len(short.lstrip(_DRAWN))
    after = len(short) - len(short.rstrip(_DRAWN))
    return (before > 1 and after > 1) or (is_phrase and (before > 1 or after > 0))


def _attribution_length(lines: list[str], at: int) -> int:
    """How many lines `On … wrote:` takes here, in any of its languages; 0 where there is none."""
    joined = ""
    for count, line in enumerate(lines[at : at + 4], start=1):
        stripped = line[:_LONGEST_LINE].strip()
        if not stripped or stripped.startswith(">"):
            return 0
        if count > 1 and _is_attribution(stripped, is_marked=False):
            # A whole statement by itself: the line before it is its beginning only if it looks like one.
            lower = stripped.lower()
            if _opens(lower) or not _opens(joined.lower()):
                return 0
        joined = f"{joined} {stripped}" if joined else stripped
        if len(joined) > _LONGEST_ATTRIBUTION:
            return 0
        if joined.endswith((*_COLONS, "写道", "寫道", "--", "__")):
            is_marked = _next_is_quoted(lines, at + count)
            return count if _is_attribution(joined, is_marked=is_marked) and _starts(lines, at, count) else 0
    return 0


def _starts(lines: list[str], at: int, count: int) -> bool:
    """Whether this line begins a statement: one that folds must not swallow the reply's last line."""
    return count == 1 or at == 0 or not lines[at - 1].strip() or _opens(lines[at].strip().lower())


def _opens(text: str) -> bool:
    return text[:1].isdigit() or text.lstrip(_AROUND).startswith(OPENERS)


def _is_attribution(joined: str, *, is_marked: bool) -> bool:
    """A statement that somebody wrote something; `is_marked` when marked quotes follow it."""
    statement = joined.strip(_AROUND).rstrip(":： ")
    text = statement.lower()
    has_address = "@" in text and ("<" in text or "[mailto:" in text or "(" in text)
    if not has_address and not _DIGIT.search(text):
        return False
    has_time = _TIME_OR_YEAR.search(text) is not None
    if text.endswith(WROTE) or any(word in text for word in _WROTE_INSIDE):
        return is_marked or has_address or (_opens(text) and has_time) or _is_dated(text)
    if not joined.endswith(_COLONS):
        return False
    if is_marked:
        return has_address or (has_time and _opens(text))
    return has_address and has_time and _names_a_writer(statement, text)


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


def _is_dated(text: str) -> bool:
    """`On 1/1/24 Bob wrote`, and `2024年…`: a date near the start that is followed by a name."""
    return _opens(text) and _DIGIT.search(text[:30]) is not None and len(text) < 200


def _is_header_block(lines: list[str], at: int) -> bool:
    first = _label(lines[at])
    if first not in FROM and first not in OTHERS:
        return False
    block = [line for line in lines[at : at + 12] if line.strip()][:7]
    labels = [_label(line) for line in block]
    if labels[0] not in FROM and (len(labels) < 2 or labels[1] not in FROM | OTHERS):
        return False
    known = [label for label in labels if label in FROM or label in OTHERS]
    senders = [line for line, label in zip(block, labels, strict=True) if label in FROM]
    is_mail = any(label in SENT for label in known) or any("@" in line for line in senders)
    # A form that names two ports also says From and To (and a date): mail alone has a subject or an address.
    return bool(senders) and is_mail and len(known) >= 3


def _label(line: str) -> str:
    return _read_label(line[:60])


@lru_cache(maxsize=32)
def _read_label(beginning: str) -> str:
    """Read a label once for each of the lines above it that look for it."""
    name, colon, _ = beginning.replace("：", ":").partition(":")
    return name.strip(" *_\t>\xa0\u3000").lower() if colon else ""
