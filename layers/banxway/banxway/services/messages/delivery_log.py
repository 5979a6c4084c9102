"""Writes one log line for each send that failed or waits, with the ids that it is found by elsewhere."""

from typing import Any

from banxway.errors import BanxwayError
from banxway.log import get_logger
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


def abandoned(organization_id: object, message_id: object, thread_id: object) -> None:
    """Log that a worker ended within a send, so that it is unknown whether the provider accepted it."""
    get_logger().error(
        "send failed",
        outcome="unknown",
        code="lease_expired",
        error="The worker ended before it had recorded the provider's answer",
        organization_id=str(organization_id),
        message_id=str(message_id),
        thread_id=str(thread_id),
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
