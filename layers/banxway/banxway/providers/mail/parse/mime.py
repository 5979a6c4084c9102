"""Splits a mail into its parts by searching bytes: the fast path, correct for all but damaged mails.

It always returns a tree. If the mail breaks a rule, it returns that, too, and `parser.py` then uses the standard
library's slower, more tolerant parser (reference/mail.md, 1, point 2).
"""

from collections.abc import Iterator
from typing import NamedTuple

from banxway.providers.mail.parse.headers import read_headers
from banxway.providers.mail.parse.limits import Budget
from banxway.providers.mail.parse.parameters import read_content_type
from banxway.providers.mail.parse.part import Part


class Split(NamedTuple):
    """A mail's tree, and the first rule that the mail breaks ("" for none)."""

    root: Part
    anomaly: str


def split(raw: bytes, budget: Budget, *, depth: int = 0) -> Split:
    """Split one mail; embedded mails stay leaves. Never raises, and uses no regular expressions on the body."""
    anomalies: list[str] = []
    root = _Splitter(raw, budget, anomalies).part(0, len(raw), depth=depth, default="text/plain", outer=())
    if b"\n" not in raw and b"\r" in raw:
        anomalies.append("its lines end in bare carriage returns")
    return Split(root, anomalies[0] if anomalies else "")


def split_header(raw: bytes, budget: Budget) -> Part:
    """Return the part of a mail whose body is not given. Never raises."""
    block = read_headers(raw, 0, len(raw), max_bytes=budget.limits.max_header_bytes)
    if block.was_cut:
        budget.add_problem("A header is longer than what is read of one; its end was left unread.")
    if block.anomaly:
        budget.add_problem(f"The header is damaged: {block.anomaly}.")
    typed = block.fields.get(b"content-type")
    content_type, parameters = read_content_type(typed[0], "text/plain") if typed else ("text/plain", {})
    return Part(block.fields, content_type, parameters, b"", 0, 0, ordered=block.ordered)


class _Splitter:
    def __init__(self, raw: bytes, budget: Budget, anomalies: list[str]) -> None:
        self.raw = raw
        self.budget = budget
        self.anomalies = anomalies

    def part(self, start: int, end: int, *, depth: int, default: str, outer: tuple[bytes, ...]) -> Part:
        block = read_headers(self.raw, start, end, max_bytes=self.budget.limits.max_header_bytes)
        if block.was_cut:
            self.budget.add_problem("A header is longer than what is read of one; its end was left unread.")
        if block.anomaly and depth and block.is_folded:
            self.budget.add_problem("A header was folded without an indent; it was read whole.")
        elif block.anomaly:
            self.anomalies.append(block.anomaly)
        typed = block.fields.get(b"content-type")
        content_type, parameters = read_content_type(typed[0], default) if typed else (default, {})
        body_start = min(block.body_start, end)
        part = Part(block.fields, content_type, parameters, self.raw, body_start, end, ordered=block.ordered)
        if content_type.startswith("multipart/"):
            self.children(part, depth=depth, outer=outer)
        return part

    def children(self, part: Part, *, depth: int, outer: tuple[bytes, ...]) -> None:
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        if not boundary or boundary in outer or len(boundary) > 1000:
            self.anomalies.append("a multipart has no boundary of its own")
            return
        encoding = part.first(b"content-transfer-encoding").lower()
        if encoding in (b"base64", b"quoted-printable"):
            self.anomalies.append("a multipart is transfer-encoded as a whole")
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        began, closed = -1, False
        for line_start, line_end, is_close in delimiters(self.raw, part.start, part.end, boundary):
            if began < 0:
                part.stray = self.raw[part.start : min(line_start, part.start + 65536)]
            elif closed:
                # A relay added parts after the closing delimiter; the text between them belongs to no part.
                part.stray += self.raw[began : min(line_start, began + 65536 - min(len(part.stray), 65536))]
            elif not self.budget.admit_part(depth + 1):
                return
            else:
                end = _without_line_end(self.raw, began, line_start)
                inner = (*outer, boundary)
                part.children.append(self.part(began, end, depth=depth + 1, default=default, outer=inner))
            began, closed = line_end, is_close
        self.close(part, began, closed=closed, depth=depth, default=default, outer=(*outer, boundary))

    def close(
        self, part: Part, began: int, *, closed: bool, depth: int, default: str, outer: tuple[bytes, ...]
    ) -> None:
        if closed and part.children:
            part.stray += self.raw[began : min(part.end, began + 65536)]
            return
        self.anomalies.append(
            "a multipart's boundary is missing" if began < 0 else "a multipart is not closed"
        )
        if 0 <= began < part.end and not closed and self.budget.admit_part(depth + 1):
            part.children.append(self.part(began, part.end, depth=depth + 1, default=default, outer=outer))


def delimiters(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield (line start, next line's start, whether it closes) for each delimiter, also those after the closing one.

    A line that only begins with the boundary belongs to another, longer boundary (RFC 2046, 5.1.1).
    """
    mark = b"--" + boundary
    at = start if raw.startswith(mark, start, end) else _next_mark(raw, start, end, mark)
    while at >= 0:
        after = at + len(mark)
        is_close = raw.startswith(b"--", after, end)
        line_end = _blank_to_line_end(raw, after + 2 * is_close, end)
        if line_end:
            yield at, line_end, is_close
        at = _next_mark(raw, after - 1, end, mark)


def _blank_to_line_end(raw: bytes, start: int, end: int) -> int:
    """Return the start of the next line if the rest of this one is blank, else 0. Reads at most 200 octets."""
    newline = raw.find(b"\n", start, min(end, start + 200))
    if newline < 0 and end - start >= 200:
        return 0
    line_end = newline + 1 if newline >= 0 else end
    return 0 if raw[start:line_end].strip(b" \t\r\n") else line_end


def _next_mark(raw: bytes, start: int, end: int, mark: bytes) -> int:
    found = raw.find(b"\n" + mark, start, end)
    return found + 1 if found >= 0 else -1


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    if end > start and raw[end - 1] == 10:
        end -= 1
        if end > start and raw[end - 1] == 13:
            end -= 1
    return end
