"""The node of a mail's tree: headers, type, and where its bytes are. Both splitters build it."""

from dataclasses import dataclass, field

Headers = dict[bytes, list[bytes]]
"""Lower-case field name to its unfolded values in order of appearance, undecoded."""


@dataclass(slots=True)
class Part:
    """One MIME entity. Its body is `raw[start:end]`, still transfer-encoded; `children` if a multipart."""

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
    """The fields one by one, in the order in which they stand; `headers` holds the same by name."""

    @property
    def body(self) -> bytes:
        """The body as sent, transfer encoding untouched."""
        return self.raw[self.start : self.end]

    @property
    def transfer_encoding(self) -> bytes:
        """The Content-Transfer-Encoding as it stands, b"" when absent."""
        return self.first(b"content-transfer-encoding")

    def first(self, name: bytes) -> bytes:
        """Return a field's first value, or b"" when it is absent."""
        values = self.headers.get(name)
        return values[0] if values else b""
