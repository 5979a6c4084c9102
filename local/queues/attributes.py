"""The attributes that a queue may have, and those that the store needs on every call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from local.queues.refusals import InvalidAttributeName, InvalidAttributeValue

MAX_MESSAGE_BYTES = 1_048_576

_RANGES = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, MAX_MESSAGE_BYTES),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}
_DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": str(MAX_MESSAGE_BYTES),
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
}
_WORDS = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
)


@dataclass(frozen=True)
class QueueSettings:
    """A queue's attributes, read once."""

    name: str
    attributes: Mapping[str, str]
    fifo: bool
    deduplicates_by_content: bool
    delay_s: int
    visibility_s: int
    wait_s: int
    retention_s: int
    max_bytes: int
    dead_letters: str | None
    max_receives: int

    @classmethod
    def read(cls, name: str, attributes: Mapping[str, str]) -> "QueueSettings":
        """Return the settings of validated attributes; absent ones have SQS's default."""
        full = {**_DEFAULTS, **attributes}
        redrive = json.loads(full.get("RedrivePolicy") or "{}")
        return cls(
            name=name,
            attributes=full,
            fifo=full.get("FifoQueue") == "true",
            deduplicates_by_content=full.get("ContentBasedDeduplication") == "true",
            delay_s=int(full["DelaySeconds"]),
            visibility_s=int(full["VisibilityTimeout"]),
            wait_s=int(full["ReceiveMessageWaitTimeSeconds"]),
            retention_s=int(full["MessageRetentionPeriod"]),
            max_bytes=int(full["MaximumMessageSize"]),
            dead_letters=redrive["deadLetterTargetArn"].rsplit(":", 1)[-1] if redrive else None,
            max_receives=int(redrive.get("maxReceiveCount", 0)),
        )


def validate(attributes: Mapping[str, str]) -> None:
    """Raise InvalidAttributeName or InvalidAttributeValue for attributes that SQS refuses."""
    for name, value in attributes.items():
        if name in _RANGES:
            low, high = _RANGES[name]
            if not (value.isdigit() and low <= int(value) <= high):
                raise InvalidAttributeValue(f"Invalid value for the parameter {name}.")
        elif name not in _WORDS:
            raise InvalidAttributeName(f"Unknown Attribute {name}.")
    if attributes.get("RedrivePolicy"):
        _validate_redrive(attributes["RedrivePolicy"])


def _validate_redrive(text: str) -> None:
    try:
        policy = json.loads(text)
        valid = (
            policy["deadLetterTargetArn"].startswith("arn:") and 1 <= int(policy["maxReceiveCount"]) <= 1000
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        valid = False
    if not valid:
        raise InvalidAttributeValue(f"Value {text} for parameter RedrivePolicy is invalid.")
