"""What a rule did with a message and why, and what it would have done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from banxway.models.email_rules import NewEmailRule
from banxway.models.fields import RequestBody


class HeldCondition(BaseModel):
    """A condition that held, and the text that it was compared with, cut to 200 characters."""

    condition: dict[str, Any]
    saw: str


class PerformedAction(BaseModel):
    """What became of an action; where it was not done, `reason` says why."""

    action: dict[str, Any]
    is_done: bool
    reason: str | None = None


class RuleTrace(BaseModel):
    """Why a rule fired for a message, as the rule was then; `rule_id` is null when the rule is gone."""

    id: UUID
    rule_id: UUID | None
    rule_name: str
    matched: list[HeldCondition]
    performed: list[PerformedAction]
    created_at: datetime


class DryRun(RequestBody):
    """A rule to try, as it would be saved or by its id, on the mail of the last days."""

    rule: NewEmailRule | None = None
    rule_id: UUID | None = None
    days: int = Field(default=7, ge=1, le=30)

    @model_validator(mode="after")
    def _names_one_rule(self) -> "DryRun":
        if (self.rule is None) == (self.rule_id is None):
            raise ValueError("rule or rule_id is required, not both")
        return self


class DryRunMatch(BaseModel):
    """A stored mail that the rule would have fired for."""

    message_id: UUID
    thread_id: UUID
    sender: str
    subject: str
    occurred_at: datetime
    matched: list[HeldCondition]


class DryRunResult(BaseModel):
    """What a rule would have done. `matches` are the newest 200 of `match_count`.

    Of the days' mail the newest 1,000 are examined, within 5 seconds; `is_complete` says whether that was all.
    """

    examined: int
    match_count: int
    is_complete: bool
    matches: list[DryRunMatch]
