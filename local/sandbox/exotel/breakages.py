"""How the simulated Exotel can be broken by name: a fault of its answers, or another state of every account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.sandbox.exotel.faults import Fault

_WHATSAPP = ("whatsapp.send", "templates.list")


@dataclass(frozen=True)
class Breakage:
    """One way to be broken. `account` are values that every account has while it lasts."""

    operations: tuple[str, ...] = ("whatsapp.send", "calls.list", "numbers.list", "templates.list")
    fault: Mapping[str, Any] | None = None
    account: Mapping[str, Any] = field(default_factory=dict)

    def fault_of(self, operation: str) -> Fault | None:
        """Return the fault that an operation's answer has, if any."""
        return Fault(operation=operation, **self.fault) if self.fault else None


EXOTEL: dict[str, Breakage] = {
    "exotel.refuses_key": Breakage(fault={"kind": "status", "status": 401}),
    "exotel.suspended": Breakage(fault={"kind": "status", "status": 403, "message": "Account inactive"}),
    "exotel.refuses_address": Breakage(
        fault={"kind": "status", "status": 403, "message": "IP not whitelisted"}
    ),
    "exotel.voice_off": Breakage(operations=("calls.list",), account={"voice_enabled": False}),
    "exotel.whatsapp_off": Breakage(operations=_WHATSAPP, account={"whatsapp_enabled": False}),
    "exotel.number_unverified": Breakage(operations=("whatsapp.send",), account={"whatsapp_numbers": []}),
    "exotel.no_templates": Breakage(operations=_WHATSAPP, account={"templates": []}),
    "exotel.throttles": Breakage(fault={"kind": "status", "status": 429, "retry_after": 30}),
    "exotel.down": Breakage(fault={"kind": "status", "status": 503}),
    "exotel.silent": Breakage(fault={"kind": "hang"}),
    "exotel.closes": Breakage(fault={"kind": "close"}),
    "exotel.slow": Breakage(fault={"kind": "delay", "seconds": 40.0}),
    "exotel.withholds": Breakage(fault={"kind": "hold"}),
    "exotel.answer_lost": Breakage(fault={"kind": "close_after_bytes", "bytes": 0}),
    "exotel.answer_cut": Breakage(fault={"kind": "truncated"}),
    "exotel.answers_html": Breakage(fault={"kind": "html"}),
    "exotel.accepts_then_fails": Breakage(fault={"kind": "accept_then_500"}),
    "exotel.no_sid": Breakage(operations=("whatsapp.send",), fault={"kind": "no_sid"}),
}


def affecting(operation: str) -> Iterator[str]:
    """Yield the breakages that an operation notices."""
    return (name for name, breakage in EXOTEL.items() if operation in breakage.operations)
