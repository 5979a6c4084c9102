"""Live changes: the ticket that opens a WebSocket, and the list of changes."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.fields import RequestBody

ChangeKind = Literal[
    "message.created", "message.status", "message.event", "message.seen",
    "thread.updated", "thread.merged", "thread.event", "notification.created",
    "notification.closed", "notification.dismissed", "hidden",
]  # fmt: skip


class Ticket(BaseModel):
    """A single-use ticket; open `websocket_url` with it before `expires_at`."""

    ticket: str
    """The text that opens one WebSocket, once."""
    websocket_url: str
    """The URL to open it at; give the ticket as the query parameter `ticket`."""
    expires_at: datetime
    """When the ticket expires."""


class ChangesQuery(RequestBody):
    """Which changes to return: those after `since`, at most `limit` of them."""

    since: int = Field(default=0, ge=0)
    """Only changes after this number."""
    limit: int = Field(default=200, ge=1, le=1000)
    """The most changes to return."""


class Change(BaseModel):
    """One change; the frames of the WebSocket have the same shape, with type "change".

    A change that the user must not view (`can_view`) has only its number, with `kind` "hidden".
    """

    sequence: int
    """The change's number, without gaps."""
    kind: ChangeKind
    """What changed."""
    thread_id: UUID | None
    """The thread that it is about; null if it is about none."""
    message_id: UUID | None
    """The message that it is about; null if it is about none."""
    created_at: datetime
    """When it changed."""


class ChangeList(BaseModel):
    """The changes after a number. `complete` is false if older ones are gone: then load everything again."""

    changes: list[Change]
    """The changes, the oldest first."""
    latest: int
    """The number of the newest change."""
    has_more: bool
    """Whether there are more after these."""
    complete: bool
    """False if older changes are gone: load everything again."""
