"""Dead letters: work that failed at every attempt, as admins see, redrive and discard it."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from banxway.models.fields import FieldProblem, RequestBody
from banxway.models.pages import PageQuery

MOST_AT_ONCE = 100
"""The most dead letters that one request redrives or discards."""

DeadLetterState = Literal["open", "redriven", "discarded"]
DeadLetterSubject = Literal["message", "callback", "mailbox", "integration", "changes", "rotation"]
RedriveEffect = Literal[
    "would_be_sent",
    "would_be_applied",
    "would_poll",
    "would_run",
    "already_sent",
    "being_sent",
    "outcome_unknown",
    "already_failed",
    "cancelled",
    "gone",
]


class DeadLetterGroup(BaseModel):
    """The dead letters of one queue that have the same cause."""

    queue: str
    """The queue's name, such as message."""
    work: str
    """What the queue's worker does, in plain words."""
    cause: str
    """A stable word for the cause."""
    sentence: str
    """The cause as a sentence; of several, the latest."""
    advice: str
    """What to do about it."""
    count: int
    """How many dead letters there are."""
    customers: int
    """How many customers they concern, as far as that is known."""
    first_failed_at: datetime
    """When the first of them failed for the first time."""
    last_failed_at: datetime
    """When the latest of them was given up."""


class DeadLetterQuery(BaseModel):
    """Which dead letters: those that are open, or that were redriven or discarded."""

    model_config = ConfigDict(extra="forbid")

    state: DeadLetterState = "open"
    """Only dead letters in this state."""


class DeadLetterItemQuery(DeadLetterQuery, PageQuery):
    """One page of dead letters: all, or those of one queue or cause."""

    queue: str | None = Field(default=None, max_length=100)
    """Only dead letters of this queue."""
    cause: str | None = Field(default=None, max_length=100)
    """Only dead letters with this cause."""


class DeadLetterItem(BaseModel):
    """One dead letter.

    `item` shows what was in the queue. A callback's body is not in it, since it may hold what a customer wrote.
    """

    id: UUID
    """Its id."""
    queue: str
    """The queue's name, such as message."""
    work: str
    """What the queue's worker does, in plain words."""
    cause: str
    """A stable word for the cause."""
    sentence: str
    """The cause as a sentence."""
    attempts: int
    """How often the worker tried in all."""
    times_given_up: int
    """How often it was given up: more than once if it failed again after it was redriven."""
    first_failed_at: datetime
    """When it failed for the first time."""
    last_failed_at: datetime
    """When it was given up, the last time."""
    state: DeadLetterState
    """Whether it is open, or was redriven or discarded."""
    reason: str | None
    """Why it was discarded; null if it was not."""
    settled_at: datetime | None
    """When it was redriven or discarded; null while it is open."""
    settled_by: str | None
    """The name of the person who redrove or discarded it; null while it is open."""
    subject: DeadLetterSubject
    """What it is about."""
    subject_name: str | None
    """The recipient, the mailbox's address or the integration's type; null if there is none."""
    message_id: UUID | None
    """The message that it is about; null if it is about none."""
    message_status: str | None
    """The message's present status; null if it is about none."""
    thread_id: UUID | None
    """The message's thread; null if it is about none."""
    customer_name: str | None
    """The customer that it concerns; null if none is known."""
    item: dict[str, Any]
    """What was in the queue, without a callback's body."""


class DeadLetterSelection(RequestBody):
    """Which dead letters: `ids`, or all open ones of a `queue` with a `cause`, at most 100 at once."""

    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_AT_ONCE)
    """The ids of single dead letters."""
    queue: str | None = Field(default=None, min_length=1, max_length=100)
    """The queue of a group."""
    cause: str | None = Field(default=None, min_length=1, max_length=100)
    """The cause of a group."""

    @model_validator(mode="after")
    def _names_ids_or_a_group(self) -> Self:
        if self.ids is not None and (self.queue or self.cause):
            raise FieldProblem("ids", "cannot be given together with a queue or a cause")
        if self.ids is None and not self.queue:
            raise FieldProblem("ids", "is required, or a queue and a cause")
        if self.ids is None and not self.cause:
            raise FieldProblem("cause", "is required with a queue")
        return self


class DeadLetterRedrive(DeadLetterSelection):
    """Dead letters to be put into their queue again; by default it is only said what that would do."""

    dry_run: bool = True
    """Whether nothing is changed, and only the effect of each is said."""


class DeadLetterDiscard(DeadLetterSelection):
    """Dead letters that shall not be tried again, and why."""

    reason: str = Field(min_length=1, max_length=500)
    """Why nothing more is to be done; it is kept in the audit trail."""


class RedriveOutcome(BaseModel):
    """What redriving one dead letter does."""

    id: UUID
    """The dead letter's id."""
    effect: RedriveEffect
    """A stable word for what happens."""
    sentence: str
    """The same as a sentence."""
    subject_name: str | None
    """The recipient, the mailbox's address or the integration's type; null if there is none."""


class RedriveResult(BaseModel):
    """What redriving did, or would do; a message is never sent twice."""

    dry_run: bool
    """Whether nothing was changed."""
    outcomes: list[RedriveOutcome]
    """The effect on each dead letter."""
    redriven: int
    """How many were put into their queue again; 0 for a dry run."""
    remaining: int
    """How many others of the group are open: repeat the request for them."""


class DiscardResult(BaseModel):
    """What discarding did."""

    discarded: int
    """How many dead letters were discarded."""
    messages_failed: int
    """How many messages waited to be sent, and have failed now with the reason."""
    remaining: int
    """How many others of the group are open: repeat the request for them."""
