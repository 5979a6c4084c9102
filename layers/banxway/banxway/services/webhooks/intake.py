"""Receives callbacks: puts their bytes into a queue within milliseconds, without a database or a decision.

The entrypoint has verified that the callback is genuine; `apply.py` applies it later. This file imports little,
since a cold receiver pays for every import.
"""

import base64
import json
from collections.abc import Callable

from banxway.clock import Clock
from banxway.security.references import Reference
from banxway.storage.blobs.store import BlobStore

# A queue item may have 256 KiB in all; larger bodies go into the blob store.
_LARGEST_IN_QUEUE = 64 * 1024


class CallbackIntake:
    """Enqueues callbacks in the receiver, without a database and without decisions."""

    def __init__(
        self, *, enqueue: Callable[[str], None], blobs: Callable[[], BlobStore], clock: Clock
    ) -> None:
        self._enqueue = enqueue
        self._blobs = blobs
        self._clock = clock

    def take(self, *, reference: Reference, content_type: str, body: bytes, readable: bool) -> None:
        """Enqueue a genuine callback, verbatim. Raises Unavailable, so that the provider tries again.

        The item is a `models.queue_items.CallbackReceived`, written as a dictionary because importing that model's
        library would double the time of a cold receiver.
        """
        is_large = len(body) > _LARGEST_IN_QUEUE
        item = {
            "kind": reference.kind,
            "organization_id": str(reference.organization_id),
            "subject": reference.subject,
            "subject_id": str(reference.subject_id),
            "generation": reference.generation,
            "content_type": content_type,
            "body": None if is_large else base64.b64encode(body).decode(),
            "body_blob": self._blobs().put(reference.organization_id, body) if is_large else None,
            "readable": readable,
            "received_at": self._clock.now().isoformat(),
        }
        self._enqueue(json.dumps(item))
