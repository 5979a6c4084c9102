"""Splits damaged mails with the standard library's parser, which has long proved tolerant.

Only its structure is used, as raw bytes: its own decoding raises on unknown charsets or replaces what it
cannot read (reference/mail.md, 4). Embedded mails stay leaves, so that their bytes are kept as sent.
"""

from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from banxway.providers.mail.parse.headers import repair_first_block
from banxway.providers.mail.parse.limits import Budget
from banxway.providers.mail.parse.parameters import read_content_type
from banxway.providers.mail.parse.part import Headers, Part

_MOST_CONTAINERS = 40


def is_affordable(raw: bytes, budget: Budget) -> bool:
    """Return whether the library may parse this mail within our limits: it takes time by lines times nesting."""
    limits = budget.limits
    if len(raw) > limits.max_stdlib_bytes:
        return False
    containers = min(raw.count(b"oundary") + raw.count(b"OUNDARY"), _MOST_CONTAINERS)
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    return lines * (2 + containers) <= limits.max_stdlib_steps


def split_tolerantly(raw: bytes, budget: Budget, *, depth: int = 0) -> Part:
    """Split one damaged mail. Never raises for a mail that `is_affordable` allows."""
    counted = [0]

    class Counted(_Leafy):
        containers = counted

    message = BytesParser(Counted, policy=compat32).parsebytes(repair_first_block(raw))
    return _part(message, budget, depth=depth, default="text/plain")


class _Leafy(Message):
    """A message whose embedded mails, and whose multiparts above a limit, the parser treats as leaves."""

    containers: list[int]

    def typed(self) -> tuple[str, dict[str, str]]:
        values = [value for name, value in self.raw_items() if name.lower() == "content-type"]
        return read_content_type(_octets(values[0]), "text/plain") if values else ("text/plain", {})

    def get_content_type(self) -> str:
        content_type = self.typed()[0]
        if content_type.startswith("message/"):
            return "application/octet-stream"
        if content_type.startswith("multipart/"):
            # The parser asks several times for each container.
            self.containers[0] += 1
            if self.containers[0] > _MOST_CONTAINERS * 8:
                return "application/octet-stream"
        return content_type

    def get_boundary(self, failobj: object = None) -> object:  # type: ignore[override]  # typeshed's generic
        return self.typed()[1].get("boundary", "").rstrip() or failobj


def _octets(value: object) -> bytes:
    return str(value).replace("\r\n", "").replace("\n", "").encode("utf-8", "surrogateescape").strip()


def _part(message: Message, budget: Budget, *, depth: int, default: str) -> Part:
    headers: Headers = {}
    ordered: list[tuple[bytes, bytes]] = []
    for name, value in message.raw_items():
        octets = _octets(value)[: budget.limits.max_header_bytes]
        ordered.append((name.strip().lower().encode("utf-8", "surrogateescape"), octets))
        headers.setdefault(ordered[-1][0], []).append(octets)
    typed = headers.get(b"content-type")
    content_type, parameters = read_content_type(typed[0], default) if typed else (default, {})
    part = Part(headers, content_type, parameters, b"", 0, 0, ordered=ordered)
    # The public getter replaces octets that it cannot decode.
    payload = message._payload  # type: ignore[attr-defined]  # not in typeshed
    if isinstance(payload, list):
        inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        part.stray = _stray(message)
        for child in payload:
            if not budget.admit_part(depth + 1):
                break
            part.children.append(_part(child, budget, depth=depth + 1, default=inner))
    elif payload:
        part.raw = str(payload).encode("utf-8", "surrogateescape")
        part.end = len(part.raw)
    return part


def _stray(message: Message) -> bytes:
    around = f"{message.preamble or ''}{message.epilogue or ''}"
    return around.encode("utf-8", "surrogateescape")[:65536]
