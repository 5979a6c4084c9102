"""Writes one log line for each send that failed or waits, with the ids that it is found by elsewhere."""

from typing import Any

from banxway.errors import BanxwayError
from banxway.log import get_logger
from banxway.models.messages.statuses import MessageStatus
from banxway.storage.messages.ledger import ExpiredRow
from banxway.storage.messages.rows import MessageRow


def put_off(message: MessageRow, error: BanxwayError, *, retry_in_s: float) -> None:
    """Log that the provider accepted nothing, and that the send is tried again."""
    get_logger().warning("send put off", retry_in_s=round(retry_in_s), **_about(message), **_why(error))


def paused(message: MessageRow, reason: str) -> None:
    """Log that a message waits, since nothing may leave by its sender now."""
    get_logger().warning("send paused", error=reason, **_about(message))


def failed(message: MessageRow, error: BanxwayError, *, outcome: str) -> None:
    """Log how a send ended that is not tried again; `unknown` needs a person to look at it."""
    line = get_logger().error if outcome == "unknown" else get_logger().warning
    line("send failed", outcome=str(outcome), **_about(message), **_why(error))


def overtaken(message: MessageRow) -> None:
    """Log that a worker was so slow that its claim ended before it gave the message to the provider."""
    get_logger().warning("send given up", code="claim_lost", **_about(message))


def abandoned(row: ExpiredRow, *, outcome: MessageStatus) -> None:
    """Log that a worker ended within a send; if it is `unknown`, the provider may have accepted the message."""
    is_open = outcome == MessageStatus.UNKNOWN
    line = get_logger().error if is_open else get_logger().warning
    line(
        "send interrupted" if outcome == MessageStatus.QUEUED else "send failed",
        outcome=str(outcome),
        code="lease_expired",
        error="The worker ended before it had recorded the provider's answer"
        if is_open
        else "The worker ended before it gave the message to the provider",
        organization_id=str(row.organization_id),
        message_id=str(row.id),
        thread_id=str(row.thread_id),
    )


def _about(message: MessageRow) -> dict[str, Any]:
    return {
        "organization_id": str(message.organization_id),
        "message_id": str(message.id),
        "thread_id": str(message.thread_id),
        "channel": message.channel,
        "attempt": message.attempts,
    }


def _why(error: BanxwayError) -> dict[str, Any]:
    said = {
        name: getattr(error, name, None)
        for name in ("provider", "operation", "provider_status", "provider_code")
    }
    known = {name: value for name, value in said.items() if value is not None}
    return {"code": error.code, "error": error.message, **known}
