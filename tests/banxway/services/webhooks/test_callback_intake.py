"""Receiving callbacks: verbatim into the queue, or through the blob store if the queue is too small for them."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from banxway.errors import Unavailable
from banxway.models.queue_items import CallbackReceived
from banxway.security.references import CallbackKind, Reference
from banxway.services.webhooks.intake import CallbackIntake
from tests.support.timing.clocks import SetClock

ORGANIZATION, SUBJECT = uuid4(), uuid4()
REFERENCE = Reference(CallbackKind.WHATSAPP, ORGANIZATION, SUBJECT, "integration", 3, None)
KIB = 1024


class Blobs:
    """Records what it is given, by its position in the order."""

    def __init__(self) -> None:
        self.kept: list[tuple[Any, bytes]] = []

    def put(self, organization_id: Any, content: bytes) -> str:
        self.kept.append((organization_id, content))
        return f"blob-{len(self.kept)}"


def _taken(body: bytes, blobs: Blobs, *, readable: bool = True) -> CallbackReceived:
    queued: list[str] = []
    intake = CallbackIntake(enqueue=queued.append, blobs=lambda: blobs, clock=SetClock())  # type: ignore[arg-type,return-value]  # only `put`
    intake.take(reference=REFERENCE, content_type="application/json", body=body, readable=readable)
    (item,) = queued
    return CallbackReceived.model_validate_json(item)


@pytest.mark.parametrize("body", [b"{}", b"\x00\xff not JSON", b""], ids=["JSON", "bytes", "empty"])
@pytest.mark.parametrize("readable", [True, False])
def test_what_came_is_queued_as_the_worker_reads_it(body: bytes, readable: bool) -> None:
    item = _taken(body, Blobs(), readable=readable)

    assert base64.b64decode(item.body or "") == body
    assert (item.kind, item.content_type, item.readable) == ("whatsapp", "application/json", readable)
    assert (item.organization_id, item.subject, item.subject_id, item.generation) == (
        ORGANIZATION,
        "integration",
        SUBJECT,
        3,
    )
    assert item.received_at == SetClock().now()


@pytest.mark.parametrize(
    ("size", "is_large"), [(64 * KIB, False), (64 * KIB + 1, True)], ids=["as much as fits", "a byte more"]
)
def test_what_is_too_large_for_a_queue_goes_by_way_of_the_blob_store(size: int, is_large: bool) -> None:
    blobs, body = Blobs(), b"x" * size

    item = _taken(body, blobs)

    assert (item.body is None, item.body_blob) == (is_large, "blob-1" if is_large else None)
    assert blobs.kept == ([(ORGANIZATION, body)] if is_large else [])
    # A queue takes 256 KiB, whatever the body contains.
    assert len(json.dumps(item.model_dump(mode="json"))) < 256 * KIB


def test_a_queue_that_does_not_answer_is_the_receivers_failure() -> None:
    def refuse(_: str) -> None:
        raise Unavailable("The queue does not answer")

    intake = CallbackIntake(enqueue=refuse, blobs=Blobs, clock=SetClock())  # type: ignore[arg-type]  # only `put`

    with pytest.raises(Unavailable):
        intake.take(reference=REFERENCE, content_type="application/json", body=b"{}", readable=True)
