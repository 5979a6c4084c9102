"""Stand-ins in an expected answer for what differs from run to run: equal to whatever has the right form."""

import re


class Matching:
    """Equals every text that this pattern fits as a whole."""

    def __init__(self, name: str, pattern: str) -> None:
        self._name = name
        self._pattern = re.compile(pattern)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self._pattern.fullmatch(other) is not None

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"<{self._name}>"


A_UUID = Matching("a uuid", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AN_INSTANT = Matching("an instant in UTC", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
A_VERSION = Matching("a version", r"[-\w]{20}")
A_HASH = Matching("a SHA-256", r"[0-9a-f]{64}")
