"""SQS's rules on top of the store: checks of messages, and waiting for one to arrive."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from local.queues import checksums
from local.queues.attributes import MAX_MESSAGE_BYTES, QueueSettings
from local.queues.messages import NewMessage
from local.queues.refusals import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    InvalidMessageContents,
    InvalidParameterValue,
    MissingParameter,
    TooManyEntriesInBatchRequest,
)
from local.queues.store import Message, Store

# XML 1.0 leaves these out, and so does SQS.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class QueueService:
    """The queues of one runner, for one event loop: the endpoint and the pollers share it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._paused: set[str] = set()

    def send(self, queue: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Add the message that a SendMessage request (or a batch entry) describes."""
        message = new_message(self.store.settings(queue), entry)
        message_id, sequence = self.store.send(queue, message)
        self._wake(queue)
        answer = {
            "MessageId": message_id,
            "MD5OfMessageBody": message.body_md5,
            "MD5OfMessageAttributes": message.attributes_md5,
            "SequenceNumber": sequence,
        }
        return {name: value for name, value in answer.items() if value is not None}

    async def receive(
        self, queue: str, *, limit: int, wait_s: float | None = None, visibility_s: int | None = None
    ) -> list[Message]:
        """Take up to `limit` messages, waiting up to `wait_s` for the first (default: the queue's)."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self.store.settings(queue).wait_s if wait_s is None else wait_s)
        news = asyncio.Event()
        self._waiting[queue].add(news)
        try:
            while True:
                news.clear()
                paused = queue in self._paused
                rows = [] if paused else self.store.receive(queue, limit=limit, visibility_s=visibility_s)
                left_s = deadline - loop.time()
                if rows or left_s <= 0:
                    return rows
                await self._news(news, queue, left_s)
        finally:
            self._waiting[queue].discard(news)

    def delete(self, queue: str, handle: str) -> None:
        """Delete one message; on a FIFO queue this may open its group to a waiting receiver."""
        self.store.delete(queue, handle)
        if self.store.settings(queue).fifo:
            self._wake(queue)

    def change_visibility(self, queue: str, handle: str, visibility_s: int) -> None:
        """Make a message in flight visible again after `visibility_s` seconds."""
        if not 0 <= visibility_s <= 43_200:
            raise InvalidParameterValue(
                f"Value {visibility_s} for parameter VisibilityTimeout is invalid."
                " Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"
            )
        self.store.change_visibility(queue, handle, visibility_s)
        self._wake(queue)

    def pause(self, queue: str) -> None:
        """Hide a queue's messages from every receiver until `resume`; what is sent meanwhile waits."""
        self.store.settings(queue)
        self._paused.add(queue)

    def resume(self, queue: str) -> None:
        """Show a queue's messages again."""
        self._paused.discard(queue)
        self._wake(queue)

    async def _news(self, news: asyncio.Event, queue: str, left_s: float) -> None:
        visible_ms = self.store.next_visible_ms(queue)
        if visible_ms is not None:
            left_s = min(left_s, max(visible_ms - self.store.now_ms(), 1) / 1000)
        try:
            async with asyncio.timeout(left_s):
                await news.wait()
        except TimeoutError:
            return

    def _wake(self, queue: str) -> None:
        for news in self._waiting[queue]:
            news.set()


def new_message(settings: QueueSettings, entry: Mapping[str, Any]) -> NewMessage:
    """Check a message as SQS does and return it. Raises a Refusal."""
    body = entry.get("MessageBody")
    if not body:
        raise MissingParameter("The request must contain the parameter MessageBody.")
    if _FORBIDDEN.search(body):
        raise InvalidMessageContents(
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | …"
        )
    attributes = entry.get("MessageAttributes") or {}
    _check_attributes(attributes)
    if size_of(entry) > settings.max_bytes:
        raise InvalidParameterValue(
            "One or more parameters are invalid."
            f" Reason: Message must be shorter than {settings.max_bytes} bytes."
        )
    return NewMessage(
        body=body,
        body_md5=checksums.of_body(body),
        attributes=attributes,
        attributes_md5=checksums.of_attributes(attributes),
        delay_s=_delay(settings, entry.get("DelaySeconds")),
        group_id=_group(settings, entry),
        dedup_id=_deduplication(settings, entry, body),
        trace=(entry.get("MessageSystemAttributes") or {}).get("AWSTraceHeader", {}).get("StringValue"),
    )


def check_batch(entries: Sequence[Mapping[str, Any]]) -> None:
    """Raise a Refusal for a batch that SQS refuses as a whole."""
    if not entries:
        raise EmptyBatchRequest("There should be at least one entry in the request.")
    if len(entries) > 10:
        raise TooManyEntriesInBatchRequest(
            f"Maximum number of entries per request are 10. You have sent {len(entries)}."
        )
    ids = [entry.get("Id", "") for entry in entries]
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}", each) for each in ids):
        raise InvalidBatchEntryId(
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores."
            " It can be at most 80 letters long."
        )
    if len(set(ids)) < len(ids):
        raise BatchEntryIdsNotDistinct("Two or more batch entries in the request have the same Id.")
    total = sum(size_of(entry) for entry in entries)
    if total > MAX_MESSAGE_BYTES:
        raise BatchRequestTooLong(
            f"Batch requests cannot be longer than {MAX_MESSAGE_BYTES} bytes. You have sent {total} bytes."
        )


def size_of(entry: Mapping[str, Any]) -> int:
    """Return what counts towards the size limit: the body, and the attributes' names, types and values."""
    total = len((entry.get("MessageBody") or "").encode())
    for name, attribute in (entry.get("MessageAttributes") or {}).items():
        value = attribute.get("StringValue") or attribute.get("BinaryValue") or ""
        total += len(name.encode()) + len(attribute.get("DataType", "").encode()) + len(value.encode())
    return total


def _check_attributes(attributes: Mapping[str, Any]) -> None:
    if len(attributes) > 10:
        raise InvalidParameterValue(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10]."
        )
    for name, attribute in attributes.items():
        kind = attribute.get("DataType") or ""
        if not kind.startswith(("String", "Number", "Binary")):
            raise InvalidParameterValue(
                f"The message attribute '{name}' has an invalid message attribute type,"
                " the set of supported type prefixes is Binary, Number, and String."
            )
        if not attribute.get("BinaryValue" if kind.startswith("Binary") else "StringValue"):
            raise InvalidParameterValue(
                f"The message attribute '{name}' must contain non-empty message attribute value"
                f" for message attribute type '{kind}'."
            )


def _delay(settings: QueueSettings, delay_s: int | None) -> int | None:
    if delay_s is None or (settings.fifo and delay_s == 0):
        return None
    if settings.fifo:
        raise InvalidParameterValue(
            f"Value {delay_s} for parameter DelaySeconds is invalid."
            " Reason: The request include parameter that is not valid for this queue type."
        )
    if not 0 <= delay_s <= 900:
        raise InvalidParameterValue(
            f"Value {delay_s} for parameter DelaySeconds is invalid."
            " Reason: DelaySeconds must be >= 0 and <= 900."
        )
    return delay_s


def _group(settings: QueueSettings, entry: Mapping[str, Any]) -> str | None:
    group: str | None = entry.get("MessageGroupId")
    if settings.fifo and not group:
        raise MissingParameter("The request must contain the parameter MessageGroupId.")
    return group


def _deduplication(settings: QueueSettings, entry: Mapping[str, Any], body: str) -> str | None:
    given: str | None = entry.get("MessageDeduplicationId")
    if not settings.fifo or given:
        return given
    if not settings.deduplicates_by_content:
        raise InvalidParameterValue(
            "The queue should either have ContentBasedDeduplication enabled"
            " or MessageDeduplicationId provided explicitly"
        )
    return sha256(body.encode()).hexdigest()
