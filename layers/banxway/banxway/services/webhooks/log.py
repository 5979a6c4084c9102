"""Shows the log of callbacks: what came, what became of it, and what its reports and messages are about now."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.integrations.kinds import KINDS
from banxway.models.pages import Page, cut_text
from banxway.models.queue_items import CallbackReceived
from banxway.models.webhooks.callbacks import (
    Callback,
    CallReport,
    CustomerEvent,
    IncomingMessage,
    StatusReport,
    UnknownCallback,
)
from banxway.models.webhooks.events import (
    WebhookEvent,
    WebhookEventDetail,
    WebhookEventQuery,
    WebhookPart,
    WebhookPartKind,
)
from banxway.security.redaction import mask_secrets
from banxway.services.webhooks.pieces import PieceReader
from banxway.storage import webhooks as webhook_events
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import integrations
from banxway.storage.messages import messages
from banxway.storage.messages.rows import MessageRow
from banxway.storage.rows import columns_of
from banxway.storage.webhooks import StoredEvent

_LONGEST_BODY = 200_000
_KINDS: Mapping[type[Callback], WebhookPartKind] = {
    StatusReport: "status_report",
    IncomingMessage: "message",
    CustomerEvent: "customer_event",
    CallReport: "call_report",
    UnknownCallback: "unknown",
}


class WebhookLog:
    """Reads recorded callbacks for admins and managers."""

    def __init__(self, database: Database, *, reader: PieceReader) -> None:
        self._database = database
        self._reader = reader

    def list_page(self, *, actor: Actor, query: WebhookEventQuery) -> Page[WebhookEvent]:
        """Return callbacks, the latest first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            page = webhook_events.list_page(transaction, query)
        return Page([WebhookEvent(**columns_of(row)) for row in page.rows], page.next_cursor)

    def get(self, *, actor: Actor, event_id: UUID) -> WebhookEventDetail:
        """Return a callback with its body and parts, without both if its channel is hidden from the user.

        Raises NotFound for an unknown id.
        """
        with self._database.as_actor(actor) as transaction:
            row = find_event(transaction, event_id)
            hidden = is_hidden(transaction, actor, row)
        shown: dict[str, Any] = {"body": None, "is_cut": False, "size": None}
        parts: list[WebhookPart] = []
        piece = None
        if not hidden:
            # Between two transactions: fetching and reading a long body takes a while.
            piece = self._reader.read(received_of(row, actor.organization_id))
            shown = _shown(piece.body)
            with self._database.as_actor(actor) as transaction:
                parts = _parts(transaction, piece.parts)
        own = {name: value for name, value in columns_of(row).items() if name in WebhookEvent.model_fields}
        return WebhookEventDetail(
            **own,
            **shown,
            content_type=row.content_type,
            parts=parts,
            has_more_parts=piece is not None and piece.rest is not None,
        )


def find_event(transaction: Transaction, event_id: UUID) -> StoredEvent:
    """Return a recorded callback. Raises NotFound."""
    row = webhook_events.find(transaction, event_id)
    if row is None:
        raise NotFound("Callback not found")
    return row


def is_hidden(transaction: Transaction, actor: Actor, row: StoredEvent) -> bool:
    """Return whether the user must not view the channel of a callback."""
    hidden = integrations.hidden_types(transaction, actor.user_id)
    return any(kind.callback_kind == row.kind and kind.type in hidden for kind in KINDS.values())


def received_of(row: StoredEvent, organization_id: UUID) -> CallbackReceived:
    """Return a recorded callback as its receiver enqueued it."""
    return CallbackReceived(
        kind=row.kind,
        organization_id=organization_id,
        subject=row.subject or "unit",
        subject_id=row.subject_id or row.id,
        content_type=row.content_type,
        body=None if row.body is None else base64.b64encode(row.body.encode()).decode(),
        body_blob=row.body_blob,
        readable=True,
        received_at=row.received_at,
    )


def messages_of(transaction: Transaction, parts: Sequence[Callback]) -> dict[str, MessageRow]:
    """Return the messages that these parts are about, by the parts' identities."""
    reports = [part for part in parts if isinstance(part, StatusReport)]
    by_sid = messages.find_by_provider_sids(transaction, {part.provider_sid for part in reports})
    ids = {part.identity: by_sid[part.provider_sid] for part in reports if part.provider_sid in by_sid}
    written = [part.identity for part in parts if isinstance(part, IncomingMessage)]
    ids |= messages.find_by_identities(transaction, written)
    rows = messages.find_all(transaction, sorted(set(ids.values())))
    return {identity: rows[message_id] for identity, message_id in ids.items() if message_id in rows}


def _parts(transaction: Transaction, parts: Sequence[Callback]) -> list[WebhookPart]:
    found = messages_of(transaction, parts)
    return [_part(part, found.get(part.identity)) for part in parts]


def _part(part: Callback, message: MessageRow | None) -> WebhookPart:
    says = part.status if isinstance(part, StatusReport | CallReport) else part.kind
    return WebhookPart(
        kind=_KINDS[type(part)],
        says=says,
        provider_sid=None if isinstance(part, UnknownCallback) else part.provider_sid,
        message_id=message.id if message else None,
        thread_id=message.thread_id if message else None,
        message_status=message.status if message else None,
    )


def _shown(body: bytes) -> dict[str, Any]:
    text = _readable(body.decode("utf-8", "backslashreplace"))
    cut = cut_text(text, most_bytes=_LONGEST_BODY)
    return {"body": cut, "is_cut": cut != text, "size": len(text)}


def _readable(text: str) -> str:
    """Return a body with secrets masked; JSON is indented, unless it is nested too deeply to be read."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        masked: str = mask_secrets(text)
        return masked
    return json.dumps(mask_secrets(content), ensure_ascii=False, indent=2)
