"""New messages, and the receipt handles of received ones."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.queues.refusals import ReceiptHandleIsInvalid


@dataclass(frozen=True)
class NewMessage:
    """A validated message that is not stored yet."""

    body: str
    body_md5: str
    attributes: dict[str, Any]
    attributes_md5: str | None
    delay_s: int | None = None
    group_id: str | None = None
    dedup_id: str | None = None
    trace: str | None = None


def sequence_number(number: int) -> str:
    """Write a FIFO sequence number as SQS does: 20 digits that grow."""
    return f"{18_800_000_000_000_000_000 + number}"


def handle_of(row: Mapping[str, Any]) -> str:
    """Return the receipt handle of a message that was just received."""
    return base64.urlsafe_b64encode(f"{row['id']}:{row['receipt']}".encode()).decode()


def read_handle(handle: str) -> tuple[int, str]:
    """Return what a receipt handle stands for. Raises ReceiptHandleIsInvalid."""
    try:
        number, receipt = base64.urlsafe_b64decode(handle.encode()).decode().split(":")
        return int(number), receipt
    except (ValueError, binascii.Error) as error:
        raise ReceiptHandleIsInvalid("The input receipt handle is invalid.") from error
