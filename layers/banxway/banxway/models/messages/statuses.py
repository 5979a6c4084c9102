"""The status of a message: a pure function of the evidence about it, independent of the order in which that came.

    queued < sending < unknown < accepted < sent < failed < delivered < read

The strongest status wins. So repeated, reordered and missing reports cannot move a status backwards, and
evidence that a message arrived outweighs a report that it failed.
"""

from collections.abc import Iterable
from enum import StrEnum


class MessageStatus(StrEnum):
    """The status of a message; `received` and `cancelled` never change again."""

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
    """Return whether the ledger still waits for the outcome of its own attempt."""
    return status in (MessageStatus.QUEUED, MessageStatus.SENDING)
