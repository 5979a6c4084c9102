"""The node of a mail's tree: headers, type, and the position of its bytes. Both splitters build it."""

from dataclasses import dataclass, field

Headers = dict[bytes, list[bytes]]
"""The unfolded, undecoded values of each field in order of appearance, by lower-case field name."""


@dataclass(slots=True)
class Part:
    """One MIME entity. Its body is `raw[start:end]`, still transfer-encoded; a multipart has `children`."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    raw: bytes = field(repr=False)
    start: int
    end: int
    children: list["Part"] = field(default_factory=list)
    stray: bytes = field(default=b"", repr=False)
    """Text before the first and after the last boundary, shown only when a mail has no other text."""
    ordered: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)
    """The fields one by one in order of appearance; `headers` has the same fields by name."""

    @property
    def body(self) -> bytes:
        """The body as sent, still transfer-encoded."""
        return self.raw[self.start : self.end]

    @property
    def transfer_encoding(self) -> bytes:
        """The undecoded Content-Transfer-Encoding, or b"" if it is absent."""
        return self.first(b"content-transfer-encoding")

    def first(self, name: bytes) -> bytes:
        """Return a field's first value, or b"" if it is absent."""
        values = self.headers.get(name)
        return values[0] if values else b""
