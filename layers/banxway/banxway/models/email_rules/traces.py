"""What a rule did with a message and why, and what it would have done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.email_rules.rules import NewEmailRule
from banxway.models.fields import FieldProblem, RequestBody


class HeldCondition(BaseModel):
    """A condition that held, and the text that it was compared with, cut to 200 characters."""

    condition: dict[str, Any]
    """The condition as the rule had it."""
    saw: str
    """The text that it was compared with, cut to 200 characters."""


class PerformedAction(BaseModel):
    """What became of an action; where it was not done, `reason` says why."""

    action: dict[str, Any]
    """The action as the rule had it."""
    is_done: bool
    """Whether it was done."""
    reason: str | None = None
    """Why it was not done; null where it was."""


class RuleTrace(BaseModel):
    """Why a rule fired for a message, as the rule was then; `rule_id` is null when the rule is gone."""

    id: UUID
    """The trace's id."""
    rule_id: UUID | None
    """The rule; null when it is gone."""
    rule_name: str
    """The rule's name at that time."""
    matched: list[HeldCondition]
    """The conditions that held."""
    performed: list[PerformedAction]
    """What became of its actions."""
    created_at: datetime
    """When the rule fired."""


class DryRun(RequestBody):
    """A rule to try, as it would be saved or by its id, on the mail of the last days."""

    rule: NewEmailRule | None = None
    """A rule as it would be saved; instead of `rule_id`."""
    rule_id: UUID | None = None
    """A rule that is saved; instead of `rule`."""
    days: int = Field(default=7, ge=1, le=30)
    """The mail of how many days is examined."""

    @model_validator(mode="after")
    def _names_one_rule(self) -> "DryRun":
        if (self.rule is None) == (self.rule_id is None):
            raise FieldProblem("rule", "rule or rule_id is required, not both")
        return self


class DryRunMatch(BaseModel):
    """A stored mail that the rule would have fired for."""

    message_id: UUID
    """The message that the rule would have fired for."""
    thread_id: UUID
    """The message's thread."""
    sender: str
    """Who wrote it."""
    subject: str
    """Its subject."""
    occurred_at: datetime
    """When it arrived."""
    matched: list[HeldCondition]
    """The conditions that hold."""


class DryRunResult(BaseModel):
    """What a rule would have done. `matches` are the newest 200 of `match_count`.

    Of the days' mail the newest 1,000 are examined, within 5 seconds; `is_complete` says whether that was all.
    """

    examined: int
    """How many mails were examined."""
    match_count: int
    """For how many of them the rule would have fired."""
    is_complete: bool
    """Whether all mail of these days was examined."""
    matches: list[DryRunMatch]
    """The newest 200 of these."""
