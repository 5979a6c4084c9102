"""Live changes: the ticket that opens a WebSocket, and the list of changes."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.fields import RequestBody

ChangeKind = Literal[
    "message.created", "message.status", "message.event", "message.seen",
    "thread.updated", "thread.merged", "thread.event", "notification.created",
    "notification.closed", "notification.dismissed", "integration.updated", "mailbox.updated",
    "phone_number.updated", "whatsapp_template.updated", "rotation.updated",
    "dead_letters.changed", "hidden",
]  # fmt: skip


class Push(StrEnum):
    """What became of one frame for one connection.

    POSTED: the API took it. GONE: the connection is closed. FAILED: this connection does not work, and the frame may
    have arrived. UNREACHABLE: the API could not be reached or refused for now, and nothing arrived.
    """

    POSTED = "posted"
    GONE = "gone"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


class Frame(BaseModel):
    """What a WebSocket receives: how far the organization's changes have come.

    It says nothing else, so that everybody may receive it: numbers have no gaps, and a user from whom a channel is
    hidden knows them, too. Numbers never decrease; a client ignores one that is not greater than what it knows.
    """

    type: Literal["changes"] = "changes"
    """What the frame is about."""
    latest: int
    """The number of the newest change."""


class Ticket(BaseModel):
    """A single-use ticket; open `websocket_url` with it before `expires_at`.

    A frame of the WebSocket is JSON such as `{"type": "changes", "latest": 42}`: the organization's changes have come
    to this number. Ask `GET /api/v1/communications/changes?since=` with the last number that you know, once when the
    WebSocket has opened, and for each frame with a greater number.
    """

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
    """One change. The frames of the WebSocket only say the number of the newest one.

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
