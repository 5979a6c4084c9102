"""Reads callbacks, and cuts long ones into pieces and many into sets, since one transaction applies one set."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from banxway.errors import BadRequest
from banxway.models.queue_items import CallbackReceived
from banxway.models.webhooks.callbacks import Callback, CustomerEvent, IncomingMessage, UnknownCallback
from banxway.models.webhooks.events import WebhookOutcome
from banxway.storage.blobs.store import BlobStore
from banxway.storage.webhooks import NewEvent

# Parts of bodies per transaction, which bounds its locks, and the worker's time.
_LONGEST_PIECE = 200

_UNREADABLE: WebhookOutcome = "unreadable"
_UNKNOWN: WebhookOutcome = "unknown"
_APPLIED: WebhookOutcome = "applied"
_REVOKED: WebhookOutcome = "revoked"


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of one callback that one transaction applies; `callbacks` are those of the whole body."""

    received: CallbackReceived
    body: bytes
    outcome: WebhookOutcome
    callbacks: Sequence[Callback]

    @property
    def parts(self) -> Sequence[Callback]:
        """What this piece applies."""
        return self.callbacks[self.received.begin : self._end]

    @property
    def rest(self) -> CallbackReceived | None:
        """The item of the next piece; None if this is the last."""
        return (
            self.received.model_copy(update={"begin": self._end}) if self._end < len(self.callbacks) else None
        )

    @property
    def _end(self) -> int:
        return self.received.begin + _LONGEST_PIECE

    def revoked(self) -> "Piece":
        """Return the callback as one that takes no effect."""
        return replace(self, outcome=_REVOKED, callbacks=())

    def event(self, event_id: UUID) -> NewEvent:
        """Return the callback as it is recorded: verbatim, or where its body is."""
        received = self.received
        text = self.body.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
        return NewEvent(
            id=event_id,
            kind=received.kind,
            content_type=received.content_type,
            body=None if received.body_blob else text,
            body_blob=received.body_blob,
            body_sha256=hashlib.sha256(self.body).hexdigest(),
            is_identifiable=all(
                callback.provider_sid is not None
                for callback in self.callbacks
                if isinstance(callback, IncomingMessage | CustomerEvent)
            ),
            outcome=self.outcome,
            received_at=received.received_at,
            subject=received.subject,
            subject_id=received.subject_id,
        )


class PieceReader:
    """Reads items of the queue into pieces."""

    def __init__(
        self, *, blobs: Callable[[], BlobStore], parse: Callable[[str, bytes, str], list[Callback]]
    ) -> None:
        self._blobs = blobs
        self._parse = parse

    def in_sets(self, items: Iterable[CallbackReceived]) -> Iterator[list[Piece]]:
        """Yield the pieces of these items in order, as many at a time as one transaction applies.

        A body in the blob store is long, and comes alone, so that one of them at a time is in memory.
        """
        waiting: list[Piece] = []
        for item in items:
            if waiting and (item.body_blob or waiting[-1].received.body_blob):
                yield waiting
                waiting = []
            piece = self.read(item)
            if waiting and sum(len(one.parts) for one in (*waiting, piece)) > _LONGEST_PIECE:
                yield waiting
                waiting = []
            waiting.append(piece)
        if waiting:
            yield waiting

    def read(self, received: CallbackReceived) -> Piece:
        """Return the piece of an item; a body that cannot be parsed is unreadable, and has no parts."""
        body = self._body_of(received)
        if not received.readable:
            return Piece(received, body, _UNREADABLE, ())
        try:
            callbacks = self._parse(received.kind, body, received.content_type)
        except BadRequest:
            return Piece(received, body, _UNREADABLE, ())
        only_unknown = all(isinstance(callback, UnknownCallback) for callback in callbacks)
        return Piece(received, body, _UNKNOWN if only_unknown else _APPLIED, callbacks)

    def _body_of(self, received: CallbackReceived) -> bytes:
        if received.body_blob:
            return self._blobs().get(received.organization_id, received.body_blob)
        return base64.b64decode(received.body or "")
