"""What a message's status is: a pure function of what is known about it, in whatever order it came.

    queued < sending < unknown < accepted < sent < failed < delivered < read

The strongest word wins. So repetition, reordering and missing reports cannot move a status backwards, and
evidence that a message arrived outweighs a report that it failed.
"""

from collections.abc import Iterable
from enum import StrEnum


class MessageStatus(StrEnum):
    """Where a message is on its way; `received` and `cancelled` never change again."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    CANCELLED = "cancelled"


_STRENGTH = {
    status: strength
    for strength, status in enumerate(
        (
            MessageStatus.QUEUED,
            MessageStatus.SENDING,
            MessageStatus.UNKNOWN,
            MessageStatus.ACCEPTED,
            MessageStatus.SENT,
            MessageStatus.FAILED,
            MessageStatus.DELIVERED,
            MessageStatus.READ,
        )
    )
}


def strongest(statuses: Iterable[str]) -> MessageStatus:
    """Return the strongest of these statuses; the same set in any order gives the same answer."""
    return max((MessageStatus(status) for status in statuses), key=_STRENGTH.__getitem__)


def is_in_flight(status: str) -> bool:
    """Say whether the ledger still waits for the outcome of its own attempt."""
    return status in (MessageStatus.QUEUED, MessageStatus.SENDING)
