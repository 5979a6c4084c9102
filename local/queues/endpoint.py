"""SQS's JSON protocol, as boto3 speaks it, on top of the queue service."""

import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from local.addresses import ACCOUNT, queue_arn
from local.queues import checksums
from local.queues.messages import handle_of, sequence_number
from local.queues.refusals import (
    InvalidAttributeName,
    InvalidParameterValue,
    MissingParameter,
    QueueDoesNotExist,
    Refusal,
    UnsupportedOperation,
)
from local.queues.service import QueueService, check_batch

Request = Mapping[str, Any]
_COUNTS = {
    "ApproximateNumberOfMessages": "waiting",
    "ApproximateNumberOfMessagesNotVisible": "in_flight",
    "ApproximateNumberOfMessagesDelayed": "delayed",
}


class Endpoint:
    """The queue service as an ASGI application. `address` is what queue URLs begin with."""

    def __init__(self, service: QueueService, address: str) -> None:
        self._service = service
        self._store = service.store
        self._address = address
        self._calls: dict[str, Callable[[Request], Any]] = {
            "CreateQueue": self._create_queue,
            "GetQueueUrl": self._get_queue_url,
            "ListQueues": self._list_queues,
            "GetQueueAttributes": self._get_attributes,
            "SetQueueAttributes": self._set_attributes,
            "SendMessage": lambda request: service.send(self._queue(request), request),
            "SendMessageBatch": lambda request: self._batch(request, service.send),
            "ReceiveMessage": self._receive,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": lambda request: self._batch(request, self._delete_one),
            "ChangeMessageVisibility": self._change_visibility,
            "ChangeMessageVisibilityBatch": lambda request: self._batch(request, self._change_one),
            "PurgeQueue": lambda request: self._store.purge(self._queue(request)),
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        headers = dict(scope["headers"])
        target = headers.get(b"x-amz-target", b"").decode().removeprefix("AmazonSQS.")
        try:
            status, answer, code = 200, await self._answer(target, await _body(receive)), ""
        except Refusal as refusal:
            status, code = 400, f"{refusal.code};Sender"
            answer = {"__type": f"com.amazonaws.sqs#{refusal.name}", "message": refusal.message}
        except sqlite3.OperationalError as error:
            # The answer of SQS while it is down: the client tries again, and after it the client's caller.
            status, code = 503, "ServiceUnavailable;Receiver"
            answer = {
                "__type": "com.amazonaws.sqs#ServiceUnavailable",
                "message": f"The local queues cannot be written: {error}",
            }
        await _respond(send, status, answer, code)

    async def _answer(self, target: str, body: bytes) -> dict[str, Any]:
        if target not in self._calls:
            raise UnsupportedOperation(f"the local queues do not offer {target or 'a call without a target'}")
        answer = self._calls[target](json.loads(body or b"{}"))
        if isinstance(answer, Awaitable):
            answer = await answer
        return answer or {}

    def _queue(self, request: Request) -> str:
        url = request.get("QueueUrl")
        if not url:
            raise MissingParameter("The request must contain the parameter QueueUrl.")
        return str(url).rsplit("/", 1)[-1]

    def _url(self, name: str) -> str:
        return f"{self._address}/{ACCOUNT}/{name}"

    def _create_queue(self, request: Request) -> dict[str, Any]:
        name = request["QueueName"]
        self._store.create(name, request.get("Attributes") or {})
        return {"QueueUrl": self._url(name)}

    def _get_queue_url(self, request: Request) -> dict[str, Any]:
        self._store.settings(request["QueueName"])
        return {"QueueUrl": self._url(request["QueueName"])}

    def _list_queues(self, request: Request) -> dict[str, Any]:
        prefix = request.get("QueueNamePrefix", "")
        urls = [self._url(name) for name in self._store.names() if name.startswith(prefix)]
        return {"QueueUrls": urls} if urls else {}

    def _get_attributes(self, request: Request) -> dict[str, Any]:
        name = self._queue(request)
        settings = self._store.settings(name)
        counts = self._store.counts(name)
        known = {
            **settings.attributes,
            **{shown: str(counts[counted]) for shown, counted in _COUNTS.items()},
            "QueueArn": queue_arn(name),
            "CreatedTimestamp": str(self._store.created_ms(name) // 1000),
            "LastModifiedTimestamp": str(self._store.created_ms(name) // 1000),
        }
        wanted = request.get("AttributeNames") or []
        if "All" in wanted:
            return {"Attributes": known}
        chosen = {each: known[each] for each in wanted if each in known}
        if wanted and not chosen:
            raise InvalidAttributeName(f"Unknown Attribute {wanted[0]}.")
        return {"Attributes": chosen} if chosen else {}

    def _set_attributes(self, request: Request) -> None:
        self._store.change(self._queue(request), request["Attributes"])

    async def _receive(self, request: Request) -> dict[str, Any]:
        limit = _within(request, "MaxNumberOfMessages", low=1, high=10, default=1)
        wait_s = _within(request, "WaitTimeSeconds", low=0, high=20, default=None)
        rows = await self._service.receive(
            self._queue(request),
            limit=limit or 1,
            wait_s=wait_s,
            visibility_s=request.get("VisibilityTimeout"),
        )
        return {"Messages": [shown_message(row, request) for row in rows]} if rows else {}

    def _delete(self, request: Request) -> None:
        self._service.delete(self._queue(request), _handle(request))

    def _delete_one(self, queue: str, entry: Request) -> dict[str, Any]:
        self._service.delete(queue, _handle(entry))
        return {}

    def _change_visibility(self, request: Request) -> None:
        self._change_one(self._queue(request), request)

    def _change_one(self, queue: str, entry: Request) -> dict[str, Any]:
        if entry.get("VisibilityTimeout") is None:
            raise MissingParameter("The request must contain the parameter VisibilityTimeout.")
        self._service.change_visibility(queue, _handle(entry), int(entry["VisibilityTimeout"]))
        return {}

    def _batch(self, request: Request, act: Callable[[str, Request], dict[str, Any]]) -> dict[str, Any]:
        queue = self._queue(request)
        entries = request.get("Entries") or []
        check_batch(entries)
        successful, failed = [], []
        for entry in entries:
            try:
                successful.append({"Id": entry["Id"], **act(queue, entry)})
            except QueueDoesNotExist:
                raise
            except Refusal as refusal:
                fault = {"SenderFault": True, "Code": refusal.code, "Message": refusal.message}
                failed.append({"Id": entry["Id"], **fault})
        return {"Successful": successful, **({"Failed": failed} if failed else {})}


def shown_message(row: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Return a received message with the attributes that the request asks for."""
    wanted = {*(request.get("AttributeNames") or []), *(request.get("MessageSystemAttributeNames") or [])}
    system = system_attributes(row)
    chosen = system if "All" in wanted else {name: system[name] for name in wanted if name in system}
    own = _chosen(json.loads(row["attributes"]), request.get("MessageAttributeNames") or [])
    message = {
        "MessageId": row["message_id"],
        "ReceiptHandle": handle_of(row),
        "MD5OfBody": row["body_md5"],
        "Body": row["body"],
        "Attributes": chosen,
        "MessageAttributes": own,
        "MD5OfMessageAttributes": checksums.of_attributes(own),
    }
    return {name: value for name, value in message.items() if value}


def system_attributes(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what SQS knows about a received message."""
    known = {
        "SenderId": ACCOUNT,
        "SentTimestamp": str(row["sent_ms"]),
        "ApproximateReceiveCount": str(row["received"]),
        "ApproximateFirstReceiveTimestamp": str(row["first_received_ms"]),
        "MessageGroupId": row["group_id"],
        "MessageDeduplicationId": row["dedup_id"],
        "AWSTraceHeader": row["trace"],
        "DeadLetterQueueSourceArn": row["source_arn"],
        "SequenceNumber": sequence_number(row["id"]) if row["dedup_id"] and row["group_id"] else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _chosen(attributes: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    def matches(name: str) -> bool:
        prefixes = [each.removesuffix("*").removesuffix(".") for each in wanted if each.endswith("*")]
        return name in wanted or "All" in wanted or any(name.startswith(prefix) for prefix in prefixes)

    return {name: value for name, value in attributes.items() if matches(name)}


def _handle(request: Request) -> str:
    if not request.get("ReceiptHandle"):
        raise MissingParameter("The request must contain the parameter ReceiptHandle.")
    return str(request["ReceiptHandle"])


def _within(request: Request, name: str, *, low: int, high: int, default: int | None) -> int | None:
    value: int | None = request.get(name)
    if value is None:
        return default
    if not low <= value <= high:
        raise InvalidParameterValue(
            f"Value {value} for parameter {name} is invalid. "
            f"Reason: Must be between {low} and {high}, if provided."
        )
    return value


async def _body(receive: Any) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _respond(send: Any, status: int, answer: dict[str, Any], code: str) -> None:
    body = json.dumps(answer).encode()
    headers = [
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-requestid", str(uuid4()).encode()),
    ]
    if code:
        headers.append((b"x-amzn-query-error", code.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
