"""Parses and writes IMAP's syntax: answers with literals, tokens, quoted strings, folder names and sets of UIDs.

RFC 3501, sections 4 and 9. Nothing here trusts a server: nesting and numbers are limited here, the size of lines and
literals by the stream.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass

from banxway.providers.mail.transport import refuse_control_characters

Token = bytes | list["Token"] | None
"""A string, atom or literal; a parenthesised list; or NIL. FETCH's `BODY[…]` is one atom."""

_LITERAL = re.compile(rb"~?\{(\d{1,10})\+?\}$")
_TOKEN = re.compile(
    rb'"((?:[^"\\]|\\.?)*)(?:"|\Z)|([()])|([^\s()"\[]*\[[^\]]{0,200}\](?:<\d+>)?|[^\s()"]+)', re.DOTALL
)
_DEEPEST = 50


class ServerRefused(Exception):
    """Raised for a tagged NO or BAD; the text is the server's."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


class ServerHungUp(OSError):
    """Raised when the server ended the connection; the text is its farewell, or empty."""


class Unreadable(ValueError):
    """Raised for an answer that cannot be parsed; the connection cannot be used any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One untagged answer: its text without `* `, split at its literals, and the literals."""

    texts: Sequence[bytes]
    literals: Sequence[bytes] = ()

    @property
    def head(self) -> bytes:
        """The text up to the first literal."""
        return self.texts[0]

    def tokens(self) -> list[Token]:
        """Return the answer's words, literals among them. Raises Unreadable for parentheses that do not match."""
        stack: list[list[Token]] = [[]]
        for index, text in enumerate(self.texts):
            for quoted_text, bracket, word in _TOKEN.findall(text):
                if bracket == b"(":
                    stack.append([])
                elif bracket == b")":
                    _close_list(stack)
                elif word:
                    stack[-1].append(None if word.upper() == b"NIL" else word)
                else:
                    stack[-1].append(_unquoted(quoted_text))
            if index < len(self.literals):
                stack[-1].append(self.literals[index])
            if len(stack) > _DEEPEST:
                raise Unreadable("nested too deeply")
        if len(stack) != 1:
            raise Unreadable("an open parenthesis")
        return stack[0]


def _unquoted(text: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", text, flags=re.DOTALL) if b"\\" in text else text


def _close_list(stack: list[list[Token]]) -> None:
    if len(stack) < 2:
        raise Unreadable("a parenthesis too many")
    done = stack.pop()
    stack[-1].append(done)


def literal_size(line: bytes) -> int | None:
    """Return the length of the literal that a line announces at its end, or None if it announces none."""
    found = _LITERAL.search(line) if line.endswith(b"}") else None
    return int(found[1]) if found else None


def before_literal(line: bytes) -> bytes:
    """Return the line without its announcement of a literal."""
    return _LITERAL.sub(b"", line)


def quoted(text: str) -> str:
    """Return an ASCII text as an IMAP quoted string (RFC 3501, 4.3)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def encoded_name(name: str) -> str:
    """Return a folder's name in modified UTF-7, as IMAP sends it (RFC 3501, 5.1.3). Raises ValidationFailed."""
    refuse_control_characters("folder", name)
    return re.sub(r"[^ -~]+|&", _shifted, name)


def decoded_name(raw: bytes) -> str:
    """Return a folder's readable name; a name that is not valid modified UTF-7 is returned as the server sent it.

    So `encoded_name` of the result is what the server sent wherever that was valid, and names stay distinct.
    """
    text = raw.decode("utf-8", "replace")
    try:
        name = re.sub(r"&([^-]*)-", _unshifted, text)
    except ValueError:
        return text
    return name if encoded_name(name) == text else text


def uid_set(uids: Sequence[int]) -> str:
    """Return ascending UIDs as a sequence set, consecutive ones as ranges (RFC 3501, section 9)."""
    runs: list[tuple[int, int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], uid)
        else:
            runs.append((uid, uid))
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def read_uid_set(text: bytes, *, at_most: int) -> list[int]:
    """Return the numbers of a sequence set, ascending. Raises Unreadable for no set, or for more than `at_most`."""
    found: set[int] = set()
    for part in text.split(b","):
        ends = [int(number) for number in part.split(b":") if number.isdigit() and len(number) <= 10]
        if not ends or len(ends) != part.count(b":") + 1 or len(ends) > 2:
            raise Unreadable("not a set of numbers")
        first, last = min(ends), max(ends)
        if last - first + len(found) >= at_most:
            raise Unreadable("more messages than there can be")
        found.update(range(first, last + 1))
    return sorted(found)


def _shifted(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    utf16 = match[0].encode("utf-16-be", "replace")
    return f"&{b64encode(utf16, altchars=b'+,').decode().rstrip('=')}-"


def _unshifted(match: re.Match[str]) -> str:
    if not match[1]:
        return "&"
    try:
        utf16 = b64decode(match[1].encode("ascii") + b"=" * (-len(match[1]) % 4), b"+,", validate=True)
    except (Base64Error, UnicodeEncodeError) as error:
        raise ValueError("not modified UTF-7") from error
    return utf16.decode("utf-16-be")
