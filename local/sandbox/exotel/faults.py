"""Faults on demand: how an operation's next answers go wrong.

    nothing is accepted     status    answer `status` (default 503); `message`, and `retry_after` as its header
                            hang      read the request, never answer; give up after `seconds` if given
                            close     read the request, close the connection
    served as usual, but    delay     `seconds` late
                            hold      the answer is withheld until POST /_sandbox/release
                            close_after_bytes   the connection closes after `bytes` of the answer, with head
                            html      200 with an HTML page instead of the answer
                            truncated 200 with the first half of the JSON
                            no_sid    the answer without its message ids
                            accept_then_500     500

`times` (default 1) answers are spoiled per fault, oldest fault first.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

OPERATIONS = ("whatsapp.send", "calls.list", "numbers.list", "templates.list", "*")
NOTHING_ACCEPTED = ("status", "hang", "close")
KINDS = (
    *NOTHING_ACCEPTED,
    "delay",
    "hold",
    "close_after_bytes",
    "html",
    "truncated",
    "no_sid",
    "accept_then_500",
)


@dataclass
class Fault:
    """One fault, and how many more answers it affects."""

    operation: str
    kind: str
    status: int = 503
    retry_after: str | int | None = None
    message: str | None = None
    seconds: float | None = None
    bytes: int = 0
    times: int = 1

    @property
    def accepts(self) -> bool:
        """Return whether the request takes effect although its answer is spoiled."""
        return self.kind not in NOTHING_ACCEPTED

    def summary(self) -> dict[str, Any]:
        """Return the fault as JSON."""
        return asdict(self)


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, values: dict[str, Any]) -> Fault:
        """Add a fault from a JSON object. Raises ValueError naming the wrong field."""
        unknown = sorted(set(values) - {each.name for each in fields(Fault)})
        if unknown:
            raise ValueError(f"unknown field: {unknown[0]}")
        if values.get("operation") not in OPERATIONS:
            raise ValueError(f"operation must be one of {', '.join(OPERATIONS)}")
        if values.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        for name, least in (("status", 100), ("bytes", 0), ("times", 1)):
            if not isinstance(values.get(name, least), int) or values.get(name, least) < least:
                raise ValueError(f"{name} must be a whole number, at least {least}")
        fault = Fault(**values)
        self.waiting.append(fault)
        return fault

    def take(self, operation: str) -> Fault | None:
        """Return the fault for this request, or None; counts it down."""
        for fault in self.waiting:
            if fault.operation in (operation, "*"):
                fault.times -= 1
                if fault.times == 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Forget every fault."""
        self.waiting.clear()
