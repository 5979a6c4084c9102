"""Callbacks, taken: bytes onto a queue within milliseconds, without a database or a decision.

The entrypoint has proven that the callback is genuine; `callbacks.py` applies it later. This file imports
little, since a cold receiver pays for every import.
"""

import base64
import json
from collections.abc import Callable

from banxway.clock import Clock
from banxway.security.references import Reference
from banxway.storage.blobs.store import BlobStore

# A queue message may be 256 KiB in all; larger bodies go by way of the blob store.
_LARGEST_IN_QUEUE = 64 * 1024


class CallbackIntake:
    """The receiver's half: no database, no decisions."""

    def __init__(
        self, *, enqueue: Callable[[str], None], blobs: Callable[[], BlobStore], clock: Clock
    ) -> None:
        self._enqueue = enqueue
        self._blobs = blobs
        self._clock = clock

    def take(self, *, reference: Reference, content_type: str, body: bytes, readable: bool) -> None:
        """Queue a genuine callback, verbatim. Raises Unavailable, so that the provider tries again.

        What is written here is `models.queue_items.CallbackReceived`, spelled out because that model's
        library would double the time a cold receiver takes.
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
