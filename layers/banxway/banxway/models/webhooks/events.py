"""The log of callbacks: each one as it came, what it changed, and what applying it again would change."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from banxway.models.fields import Instant, RequestBody
from banxway.models.pages import PageQuery

WebhookOutcome = Literal["applied", "unknown", "unreadable", "revoked"]
WebhookKind = Literal["call_status", "whatsapp"]
WebhookPartKind = Literal["status_report", "message", "customer_event", "call_report", "unknown"]


class WebhookEventQuery(PageQuery):
    """Which callbacks: of a kind, with an outcome, received in a time."""

    kind: WebhookKind | None = None
    """Only callbacks of this kind."""
    outcome: WebhookOutcome | None = None
    """Only callbacks with this outcome."""
    since: Instant | None = None
    """Only callbacks received at this instant or later."""
    until: Instant | None = None
    """Only callbacks received before this instant."""


class WebhookEvent(BaseModel):
    """One callback of a provider.

    `outcome` is applied; unknown if all of its content is unknown; unreadable if it could not be parsed; revoked if
    its URL was no longer valid. An unknown, unreadable or revoked callback changed nothing.
    """

    id: UUID
    """The callback's id."""
    kind: WebhookKind
    """Which URL it came to."""
    outcome: WebhookOutcome
    """What became of it."""
    deliveries: int
    """How often the provider sent it; more than 1 is a repetition, which changed nothing."""
    replays: int
    """How often somebody applied it again."""
    subject: str | None
    """What its URL was about: unit (one message or call) or integration; null if that is not known."""
    received_at: datetime
    """When it arrived."""
    applied_at: datetime
    """When it was stored and applied."""
    replayed_at: datetime | None
    """When somebody applied it again last; null if nobody has."""


class WebhookPart(BaseModel):
    """One report or message in a callback, and the message that it is about now."""

    kind: WebhookPartKind
    """What it is."""
    says: str | None
    """What it reports: a status, or the kind of a message or event; null if that is unknown."""
    provider_sid: str | None
    """The provider's id of the message or call."""
    message_id: UUID | None
    """Our message that it is about; null if there is none."""
    thread_id: UUID | None
    """That message's thread."""
    message_status: str | None
    """That message's status now."""


class WebhookEventDetail(WebhookEvent):
    """A callback with its body and its parts.

    `body` is null for a user who must not view the channel. Values of fields whose names sound secret are masked.
    """

    content_type: str
    """How the body is written."""
    body: str | None
    """The body as it came, with secrets masked; null if the user must not view the channel."""
    is_cut: bool
    """Whether the body is shortened."""
    size: int | None
    """How long the body is, in characters; null if the user must not view the channel."""
    parts: list[WebhookPart]
    """Its reports and messages in their order, at most 200."""
    has_more_parts: bool
    """Whether there are more than these."""


class WebhookReplay(RequestBody):
    """Whether to apply a callback again, or only to show what that would change."""

    dry_run: bool = True
    """True shows what would change, and changes nothing."""


class WebhookDifference(BaseModel):
    """One change by applying a callback again."""

    what: str
    """The kind of the change, such as message.created or message.status."""
    message_id: UUID | None
    """The message that changes; null if it is a call or a thread."""
    thread_id: UUID | None
    """The thread in which it changes."""
    before: str | None
    """The message's status before; null if it was not there."""
    after: str | None
    """The message's status after."""


class WebhookReplayResult(BaseModel):
    """What applying a callback again changes or would change. Nothing is sent to customers."""

    dry_run: bool
    """Whether nothing was changed."""
    outcome: WebhookOutcome
    """What this release reads in the callback."""
    differences: list[WebhookDifference]
    """The changes; empty if everything is as it should be."""
    is_partial: bool
    """Whether the callback has more than 200 parts; the rest is applied in the background."""


class WebhookTrial(RequestBody):
    """Which callback address to try."""

    kind: WebhookKind
    """Whose address to try."""


class WebhookTrialResult(BaseModel):
    """Whether a callback that we sent to our own public address arrived there."""

    arrived: bool
    """Whether our receiver took it."""
    url: str
    """The address, without its signed reference."""
    status: int | None
    """The HTTP status of the answer; null if there was none."""
    cause: str | None
    """Why it did not arrive; null if it did."""
    fix: str | None
    """What to do; null if it arrived."""
