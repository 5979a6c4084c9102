"""Why a rule fired for a message and what it did, and what a dry run would have done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.email_rules.rules import NewEmailRule
from banxway.models.fields import FieldProblem, RequestBody


class MatchedCondition(BaseModel):
    """A condition that a mail matched, and the text that it was compared with."""

    condition: dict[str, Any]
    """The condition, as it was in the rule."""
    saw: str
    """The text that it was compared with, cut to 200 characters."""


class PerformedAction(BaseModel):
    """The result of an action."""

    action: dict[str, Any]
    """The action, as it was in the rule."""
    is_done: bool
    """Whether it was done."""
    reason: str | None = None
    """Why it was not done; null if it was done."""


class RuleTrace(BaseModel):
    """Why a rule fired for a message, with the rule as it was then."""

    id: UUID
    """The trace's id."""
    rule_id: UUID | None
    """The rule; null if it was deleted."""
    rule_name: str
    """The rule's name at that time."""
    matched: list[MatchedCondition]
    """The conditions that the mail matched."""
    performed: list[PerformedAction]
    """The results of the rule's actions."""
    created_at: datetime
    """When the rule fired."""


class DryRun(RequestBody):
    """A rule to try on the mail of the last days: `rule` or `rule_id`, not both."""

    rule: NewEmailRule | None = None
    """A rule that is not saved."""
    rule_id: UUID | None = None
    """The id of a saved rule."""
    days: int = Field(default=7, ge=1, le=30)
    """How many days of mail are examined."""

    @model_validator(mode="after")
    def _names_one_rule(self) -> "DryRun":
        if (self.rule is None) == (self.rule_id is None):
            raise FieldProblem("rule", "rule or rule_id is required, not both")
        return self


class DryRunMatch(BaseModel):
    """A stored mail that the rule would have fired for."""

    message_id: UUID
    """The message's id."""
    thread_id: UUID
    """The message's thread."""
    sender: str
    """The address of its sender."""
    subject: str
    """Its subject."""
    occurred_at: datetime
    """When it arrived."""
    matched: list[MatchedCondition]
    """The conditions that the mail matches."""


class DryRunResult(BaseModel):
    """The mails that a rule would have fired for.

    The newest 1,000 mails of the days are examined, for at most 5 seconds.
    """

    examined: int
    """How many mails were examined."""
    match_count: int
    """How many of them the rule would have fired for."""
    is_complete: bool
    """Whether all mail of the days was examined."""
    matches: list[DryRunMatch]
    """The newest 200 of these."""
