"""Reads IMAP commands off a connection: lines, literals and the tokens in them (RFC 3501, 4 and 9)."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

LARGEST_LITERAL = 60 * 1024 * 1024
LONGEST_LINE = 256 * 1024
_SMALL_LITERAL = 4096  # what LITERAL- lets a client send without asking (RFC 7888)

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}$")
# An atom may contain brackets with spaces and parentheses inside: BODY.PEEK[HEADER.FIELDS (FROM)]<0.10>
_TOKEN = re.compile(rb' +|(\()|(\))|"((?:[^"\\]|\\.)*)"|((?:[^\s()"\[]|\[[^\]]*\])+)')

Token = Any  # str for an atom, bytes for a string, list for what was in parentheses


class Bad(Exception):
    """Raised when the client wrote something that is not IMAP or not allowed in this state: answered with BAD."""


class Unreadable(Exception):
    """Raised when the client wrote more than this server reads: nothing after it can be understood."""


class No(Exception):
    """Raised when the command cannot be carried out: answered with NO."""


@dataclass(frozen=True)
class Command:
    """One command, its name in upper case."""

    tag: str
    name: str
    arguments: list[Token]


async def read_command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Command | None:
    """Return the next command, or None at the end of the connection. Raises Bad, Unreadable."""
    pieces: list[bytes | _Literal] = []
    while True:
        line = await read_line(reader)
        if line is None:
            return None
        literal = _LITERAL.search(line)
        if literal is None:
            pieces.append(line)
            break
        pieces += [line[: literal.start()], _Literal(await _read_literal(reader, writer, literal))]
    tokens = _tokens(pieces)
    if len(tokens) < 2 or not isinstance(tokens[0], str) or not isinstance(tokens[1], str):
        raise Bad("missing command")
    name, rest = tokens[1].upper(), tokens[2:]
    if name == "UID" and rest:
        name, rest = f"UID {text(rest[0]).upper()}", rest[1:]
    return Command(tokens[0], name, rest)


async def read_line(reader: asyncio.StreamReader) -> bytes | None:
    """Return one line without its end, or None at the end of the connection. Raises Unreadable."""
    try:
        return (await reader.readuntil(b"\n")).rstrip(b"\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise Unreadable("line too long") from error


async def _read_literal(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, announced: re.Match[bytes]
) -> bytes:
    size, unasked = int(announced[1]), bool(announced[2])
    if size > (_SMALL_LITERAL if unasked else LARGEST_LITERAL):
        raise Unreadable("literal too large")
    if not unasked:
        writer.write(b"+ Ready for literal data\r\n")
        await writer.drain()
    return await reader.readexactly(size)


class _Literal(bytes):
    """Bytes that came as a literal, so that they are not scanned."""


def _tokens(pieces: list["bytes | _Literal"]) -> list[Token]:
    stack: list[list[Token]] = [[]]
    for piece in pieces:
        if isinstance(piece, _Literal):
            stack[-1].append(bytes(piece))
        else:
            _scan(piece, stack)
    if len(stack) != 1:
        raise Bad("unbalanced parentheses")
    return stack[0]


def _scan(line: bytes, stack: list[list[Token]]) -> None:
    position = 0
    while position < len(line):
        token = _TOKEN.match(line, position)
        if token is None:
            raise Bad("unreadable command")
        position = token.end()
        if token[1]:
            stack.append([])
        elif token[2]:
            if len(stack) == 1:
                raise Bad("unbalanced parentheses")
            inner = stack.pop()
            stack[-1].append(inner)
        elif token[3] is not None:
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", token[3]))
        elif token[4]:
            stack[-1].append(token[4].decode("latin-1"))


def text(token: Token) -> str:
    """Return an atom or string as text. Raises Bad for a list."""
    if isinstance(token, list):
        raise Bad("unexpected list")
    return token if isinstance(token, str) else bytes(token).decode("utf-8", "surrogateescape")


def quoted(word: str) -> str:
    """Return text as a quoted string."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
