"""Feeds queues to functions, as Lambda's event source mappings do."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from local.addresses import REGION, queue_arn
from local.queues.endpoint import system_attributes
from local.queues.messages import handle_of
from local.queues.refusals import Refusal
from local.queues.service import QueueService
from local.queues.store import Message
from local.runtime.invocation import Invocation
from local.runtime.pool import Pool
from local.template import Source

_POLL_S = 20.0
_PAUSE_S = 1.0


class EventSource:
    """One mapping: takes batches while its concurrency allows, and deletes from each what the function finished."""

    def __init__(self, source: Source, queues: QueueService, pool: Pool) -> None:
        self._source = source
        self._queues = queues
        self._pool = pool
        self._fifo = queues.store.settings(source.queue).fifo
        self._free = asyncio.Semaphore(min(source.concurrency or 1000, pool.limits.per_function))
        self._batches: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Poll until cancelled. A batch under way then stays hidden until its visibility timeout ends."""
        while True:
            await self._free.acquire()
            messages = await self._receive()
            if messages:
                task = asyncio.create_task(self._work(messages))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)
            else:
                self._free.release()

    async def _receive(self) -> list[Message]:
        """Wait for a batch. Return none while the queues' disk is full, since a receipt could not be stored."""
        limit = min(self._source.batch_size, 10)
        try:
            return await self._queues.receive(self._source.queue, limit=limit, wait_s=_POLL_S)
        except sqlite3.OperationalError as error:
            print(f"{self._source.queue}: {error}", file=sys.stderr)
            await asyncio.sleep(_PAUSE_S)
            return []

    async def _work(self, messages: Sequence[Message]) -> None:
        try:
            event = {"Records": [record(message, self._source.queue) for message in messages]}
            invocation = await self._pool.invoke(self._source.function, event, background=True)
            self._settle(messages, invocation)
        finally:
            self._free.release()

    def _settle(self, messages: Sequence[Message], invocation: Invocation) -> None:
        """Delete the messages that succeeded. Failed ones stay hidden as worker or queue decided; on FIFO they show.

        (reference/aws.md, 3: a FIFO batch must not expire, or its group's order is at risk.)
        """
        ids = {message["message_id"] for message in messages}
        failed = failed_ids(invocation, ids, reports=self._source.reports_failures)
        for message in messages:
            try:
                if message["message_id"] not in failed:
                    self._queues.delete(self._source.queue, handle_of(message))
                elif self._fifo:
                    self._queues.change_visibility(self._source.queue, handle_of(message), 0)
            except (Refusal, sqlite3.OperationalError):
                # Its visibility timeout ended meanwhile, or will: it is delivered again, which its worker expects.
                continue


def failed_ids(invocation: Invocation, ids: set[str], *, reports: bool) -> set[str]:
    """Return the message ids that a function did not finish: all of them for an error or a malformed report.

    Malformed as Lambda defines it: an unknown, empty or missing identifier, or no list at all.
    """
    if invocation.error:
        return ids
    if not reports or not invocation.result:
        return set()
    if not isinstance(invocation.result, dict):
        return ids
    failures = invocation.result.get("batchItemFailures") or []
    try:
        named = {failure["itemIdentifier"] for failure in failures}
    except (TypeError, KeyError):
        return ids
    return named if named <= ids else ids


def record(message: Message, queue: str) -> dict[str, Any]:
    """Return one message in the shape in which Lambda hands it to a function."""
    shown = {
        "messageId": message["message_id"],
        "receiptHandle": handle_of(message),
        "body": message["body"],
        "attributes": system_attributes(message),
        "messageAttributes": {
            name: _attribute(each) for name, each in json.loads(message["attributes"]).items()
        },
        "md5OfMessageAttributes": message["attributes_md5"],
        "md5OfBody": message["body_md5"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn(queue),
        "awsRegion": REGION,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": attribute["DataType"],
    }
    if "StringValue" in attribute:
        shown["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        shown["binaryValue"] = attribute["BinaryValue"]
    return shown
