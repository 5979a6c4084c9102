"""Live news: the ticket that opens a WebSocket, and what changed."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.models.fields import RequestBody


class Ticket(BaseModel):
    """A single-use ticket; open `websocket_url` with it before `expires_at`."""

    ticket: str
    websocket_url: str
    expires_at: datetime


class ChangesQuery(RequestBody):
    """Which changes: those after `since`, at most `limit` of them."""

    since: int = Field(default=0, ge=0)
    limit: int = Field(default=200, ge=1, le=1000)


class Change(BaseModel):
    """One change; the frames of the WebSocket have the same shape, with type "change".

    Of what the user must not view (`can_view`) there is the number alone, with `kind` "hidden".
    """

    sequence: int
    kind: str
    thread_id: UUID | None
    message_id: UUID | None
    created_at: datetime


class ChangeList(BaseModel):
    """What was missed. `complete` is false if older changes are gone: then load everything anew."""

    changes: list[Change]
    latest: int
    has_more: bool
    complete: bool
