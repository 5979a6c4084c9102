"""Gives items up: at the last attempt a worker itself puts the item into the dead letters, with the cause.

SQS would move the item as well, but it knows no cause. So this is best effort: if it does not work, the item is
returned, and SQS moves it. If both happen, the dead letter is recorded once, by the item's own id
(services/dead_letters/record.py).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from banxway.errors import BanxwayError, SettingsError, Unavailable
from banxway.log import get_logger

if TYPE_CHECKING:
    from banxway.app import App
    from banxway.models.queue_items import QueueItem

_LONGEST_SENTENCE = 1000


class Cause(NamedTuple):
    """Why an attempt failed: a stable word, and a sentence without a customer's data."""

    code: str
    sentence: str


NO_TIME = Cause("no_time", "No worker had enough time left for it, at any attempt.")


def cause_of(error: Exception) -> Cause:
    """Return why an attempt failed; of an error that is not ours only the name, since its text may quote anything."""
    if isinstance(error, ValidationError):
        return Cause("unreadable_item", "The item cannot be read by the release that runs.")
    if isinstance(error, BanxwayError):
        return Cause(str(error.reason or error.code), f"{error.message.rstrip('.')}.")
    return Cause("unexpected", f"The worker failed unexpectedly ({type(error).__name__}).")


def is_last_attempt(item: "type[QueueItem]", record: Mapping[str, Any]) -> bool:
    """Return whether the queue will not hand this record out again."""
    return 0 < item.attempts <= int(record["attributes"]["ApproximateReceiveCount"])


def give_up(app: "App", item: "type[QueueItem]", record: Mapping[str, Any], cause: Cause) -> bool:
    """Put an item into the dead letters with the cause of its failure; False if that did not work."""
    infrastructure = app.infrastructure
    known = record["attributes"]
    try:
        infrastructure.queues.send(
            infrastructure.settings.queue_url("dead_letter"),
            record["body"],
            group=known.get("MessageGroupId"),
            attributes={
                "source": item.queue,
                "queue_message_id": record["messageId"],
                "cause": cause.code,
                "sentence": cause.sentence[:_LONGEST_SENTENCE],
                "tried": known["ApproximateReceiveCount"],
                "first_received_ms": known["ApproximateFirstReceiveTimestamp"],
                "given_up_ms": str(round(infrastructure.clock.now().timestamp() * 1000)),
            },
        )
    except (Unavailable, SettingsError) as error:
        get_logger().warning("the queue gives the item up without its cause", error=str(error))
        return False
    get_logger().error("item given up", queue=item.queue, cause=cause.code, sentence=cause.sentence)
    return True
