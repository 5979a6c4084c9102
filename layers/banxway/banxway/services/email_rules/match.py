"""Whether a rule's conditions hold of a mail, and what each saw. Nothing here asks anybody anything."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.email_rules.rules import (
    AccountCondition,
    AttachmentSizeCondition,
    Condition,
    HasAttachmentCondition,
    HeaderCondition,
    HoursCondition,
    Match,
    OriginCondition,
    TextCondition,
)
from banxway.models.email_rules.traces import MatchedCondition
from banxway.models.fields import RequestBody
from banxway.models.mail import MailOrigin
from banxway.services.email_rules.patterns import compare

# Of a text, or of all texts together where there are several: what nobody reads decides nothing.
_LONGEST_TEXT = 64_000
_LONGEST_SAW = 200


@dataclass(frozen=True, slots=True)
class AttachmentFacts:
    """What a rule may know of an attachment."""

    filename: str
    content_type: str
    size_bytes: int
    is_inline: bool


@dataclass(slots=True)
class ExaminedMail:
    """A mail as rules see it; `headers` returns the values of a header by its name in lower case."""

    sender: str
    recipients: Sequence[str]
    subject: str
    body: str
    account_ids: Sequence[UUID]
    origin: MailOrigin
    arrived_at: datetime
    attachments: Sequence[AttachmentFacts]
    headers: Callable[[str], Sequence[str]]
    _folded: dict[str, list[tuple[str, str]]] = field(default_factory=dict, repr=False)

    def texts(self, name: str) -> list[tuple[str, str]]:
        """Return the texts of a field, each as it stands and without its case; bounded in all."""
        if name not in self._folded:
            self._folded[name] = [(text, text.casefold()) for text in _bounded(self._values(name))]
        return self._folded[name]

    def _values(self, name: str) -> Iterable[str]:
        match name:
            case "sender":
                return (self.sender,)
            case "recipient":
                return self.recipients
            case "subject":
                return (self.subject,)
            case "body":
                return (self.body,)
            case "attachment_name":
                return (one.filename for one in self.attachments)
            case "attachment_type":
                return (one.content_type for one in self.attachments)
        return self.headers(name.removeprefix("header:"))


def reached_mailboxes(
    account_id: UUID | None, recipients: Iterable[str], own: Mapping[str, UUID]
) -> list[UUID]:
    """Return the mailboxes that a mail went to: the one that it was found in first, and those that it names.

    It is filed once, by whichever mailbox is polled first, which must not decide on a rule. `own` is every
    mailbox's id by its address in lower case.
    """
    named = (own.get(address.lower()) for address in recipients)
    return list(dict.fromkeys(found for found in (account_id, *named) if found is not None))


def held_conditions(
    conditions: Sequence[Condition], match: Match, mail: ExaminedMail, *, hours: BusinessHours | None
) -> list[MatchedCondition] | None:
    """Return the conditions that hold and what they saw; None if a rule of these does not fire.

    A rule without conditions fires for every mail. `hours` are for conditions that bring none of their own.
    """
    held = []
    for condition in sorted(conditions, key=_cost):
        saw = _saw(condition, mail, hours)
        if saw is not None:
            held.append(MatchedCondition(condition=as_stored(condition), saw=saw[:_LONGEST_SAW]))
        elif match == "all":
            return None
    return held if held or not conditions else None


def as_stored(part: RequestBody) -> dict[str, Any]:
    """Return a condition or an action in JSON's types, as it is stored and shown."""
    stored: dict[str, Any] = part.model_dump(mode="json", exclude_none=True)
    return stored


def _cost(condition: Condition) -> int:
    """Order conditions so that what is dear to look at comes last: a header may have to be read from storage."""
    if isinstance(condition, HeaderCondition):
        return 2
    return int(isinstance(condition, TextCondition) and condition.field == "body")


def _saw(condition: Condition, mail: ExaminedMail, hours: BusinessHours | None) -> str | None:
    """Return what a condition that holds was compared with; None if it does not hold."""
    holds, saw = _look(condition, mail, hours)
    return saw if holds != condition.negate else None


def _look(condition: Condition, mail: ExaminedMail, hours: BusinessHours | None) -> tuple[bool, str]:
    match condition:
        case TextCondition() | HeaderCondition():
            return _look_at_texts(condition, mail)
        case HasAttachmentCondition():
            names = [one.filename for one in mail.attachments if not one.is_inline]
            return bool(names), ", ".join(names[:20])
        case AttachmentSizeCondition():
            largest = max((one.size_bytes for one in mail.attachments), default=0)
            return largest > condition.size_bytes, f"{largest} bytes"
        case AccountCondition():
            return condition.account_id in mail.account_ids, ", ".join(map(str, mail.account_ids))
        case OriginCondition():
            return mail.origin == condition.value, mail.origin.value
        case HoursCondition():
            open_hours = condition.hours or hours
            is_open = open_hours is None or open_hours.is_open(mail.arrived_at)
            return is_open == condition.is_open, "open" if is_open else "closed"


def _look_at_texts(condition: TextCondition | HeaderCondition, mail: ExaminedMail) -> tuple[bool, str]:
    if isinstance(condition, HeaderCondition):
        texts = mail.texts(f"header:{condition.name.lower()}")
    else:
        texts = mail.texts(condition.field)
    wanted = condition.value.casefold()
    for text, folded in texts:
        if compare(condition.operator, folded, wanted):
            return True, _excerpt(text, folded.find(wanted))
    return False, ", ".join(text[:_LONGEST_SAW] for text, _ in texts[:5])


def _excerpt(text: str, at: int) -> str:
    """Return what is around the place that was found; folding moves places little, and rarely."""
    start = max(0, at - 40) if len(text) > _LONGEST_SAW else 0
    return text[start : start + _LONGEST_SAW]


def _bounded(texts: Iterable[str]) -> Iterable[str]:
    left = _LONGEST_TEXT
    for text in texts:
        if left <= 0:
            return
        yield text[:left]
        left -= len(text) + 1
