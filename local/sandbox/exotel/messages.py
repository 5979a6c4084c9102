"""Accepted WhatsApp messages, and the callbacks that report on them (reference/exotel.md, 6.4 and 6.5)."""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from local.sandbox.exotel.numbers import e164
from local.sandbox.exotel.statuses import name_of

_IST = timezone(timedelta(hours=5, minutes=30))


@dataclass
class SentMessage:
    """One accepted message. `fate` is the codes that its customer's phone will report, in order."""

    account_sid: str
    sender: str
    recipient: str
    content: dict[str, Any]
    status_callback: str | None
    custom_data: Any
    fate: list[int]
    sid: str = field(default_factory=lambda: uuid.uuid4().hex)
    accepted_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    ladder: list[dict[str, Any]] = field(default_factory=list)
    climbs: bool = True  # False where every report is posted by hand

    def report(self, code: int, *, at: datetime | None = None) -> dict[str, Any]:
        """Return one delivery report, and record that the customer's side got this far."""
        when = at or datetime.now(UTC)
        self.ladder.append({"code": code, "name": name_of(code)[0], "at": when.isoformat()})
        return self.report_again(code, at=when)

    def report_again(self, code: int, *, at: datetime) -> dict[str, Any]:
        """Return the delivery report of a step that was recorded before."""
        name, description = name_of(code)
        return {
            "callback_type": "dlr",
            "sid": self.sid,
            "to": self.recipient,
            "exo_status_code": code,
            "exo_detailed_status": name,
            "description": description,
            "timestamp": in_ist(at),
            "custom_data": self.custom_data,
        }

    def summary(self) -> dict[str, Any]:
        """Return the message as JSON."""
        return asdict(self)


def incoming(values: dict[str, Any]) -> dict[str, Any]:
    """Return what a customer wrote as one callback item. Raises ValueError naming what is wrong.

    `sid` may be null to leave it out, as real traffic sometimes does. `content` is sent unchanged, however strange.
    """
    unknown = sorted(set(values) - {"from", "to", "text", "content", "profile_name", "sid", "route"})
    if unknown:
        raise ValueError(f"unknown field: {unknown[0]}")
    content = values.get("content") or {"type": "text", "text": {"body": values.get("text")}}
    if not isinstance(content, dict) or not (values.get("content") or values.get("text")):
        raise ValueError("text: a message needs one")
    item = {
        "callback_type": "incoming_message",
        "sid": values.get("sid", uuid.uuid4().hex),
        "from": _number(values, "from"),
        "to": _number(values, "to"),
        "profile_name": values.get("profile_name", "Customer"),
        "timestamp": in_ist(datetime.now(UTC)),
        "content": content,
    }
    if item["sid"] is None:
        del item["sid"]
    return item


def _number(values: dict[str, Any], name: str) -> str:
    try:
        return e164(values.get(name, ""))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def callback_body(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body in which reports and incoming messages travel, in one array."""
    return {"whatsapp": {"messages": items}}


def in_ist(moment: datetime) -> str:
    """Return a time as WhatsApp callbacks print it: Indian time with its offset, to the second."""
    return moment.astimezone(_IST).isoformat(timespec="seconds")
