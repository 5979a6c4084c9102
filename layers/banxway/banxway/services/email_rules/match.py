"""Matches a rule's conditions with a mail, and returns the text that each matched. No I/O except a mail's headers."""

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

# The characters of one field that are compared, of all its texts together.
_LONGEST_TEXT = 64_000
_LONGEST_MATCHED_TEXT = 200


@dataclass(frozen=True, slots=True)
class AttachmentFacts:
    """The properties of an attachment that rules compare."""

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
        """Return the texts of a field, each unchanged and case-folded; bounded to 64,000 characters in all."""
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
    """Return the mailboxes that a mail went to: the one that it was found in first, then those that it names.

    A mail is filed once, by the mailbox that is polled first; which one that is must not decide on a rule. `own` is
    every mailbox's id by its address in lower case.
    """
    named = (own.get(address.lower()) for address in recipients)
    return list(dict.fromkeys(found for found in (account_id, *named) if found is not None))


def matched_conditions(
    conditions: Sequence[Condition], match: Match, mail: ExaminedMail, *, hours: BusinessHours | None
) -> list[MatchedCondition] | None:
    """Return the conditions that a mail matches, with the text that each matched; None if the rule does not fire.

    A rule without conditions fires for every mail. `hours` are for conditions without hours of their own.
    """
    matched = []
    for condition in sorted(conditions, key=_cost):
        text = _matched_text(condition, mail, hours)
        if text is not None:
            matched.append(MatchedCondition(condition=as_stored(condition), saw=text[:_LONGEST_MATCHED_TEXT]))
        elif match == "all":
            return None
    return matched if matched or not conditions else None


def as_stored(part: RequestBody) -> dict[str, Any]:
    """Return a condition or an action in JSON's types, as it is stored and shown."""
    stored: dict[str, Any] = part.model_dump(mode="json", exclude_none=True)
    return stored


def _cost(condition: Condition) -> int:
    """Return the sorting key that puts costly conditions last: a header may have to be read from the blob store."""
    if isinstance(condition, HeaderCondition):
        return 2
    return int(isinstance(condition, TextCondition) and condition.field == "body")


def _matched_text(condition: Condition, mail: ExaminedMail, hours: BusinessHours | None) -> str | None:
    """Return the text that a condition matched, with negation applied; None if it does not match."""
    is_match, text = _compare(condition, mail, hours)
    return text if is_match != condition.negate else None


def _compare(condition: Condition, mail: ExaminedMail, hours: BusinessHours | None) -> tuple[bool, str]:
    match condition:
        case TextCondition() | HeaderCondition():
            return _compare_texts(condition, mail)
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


def _compare_texts(condition: TextCondition | HeaderCondition, mail: ExaminedMail) -> tuple[bool, str]:
    if isinstance(condition, HeaderCondition):
        texts = mail.texts(f"header:{condition.name.lower()}")
    else:
        texts = mail.texts(condition.field)
    wanted = condition.value.casefold()
    for text, folded in texts:
        if compare(condition.operator, folded, wanted):
            return True, _excerpt(text, folded.find(wanted))
    return False, ", ".join(text[:_LONGEST_MATCHED_TEXT] for text, _ in texts[:5])


def _excerpt(text: str, at: int) -> str:
    """Return the text around a match; `at` is its position in the folded text, which seldom differs."""
    start = max(0, at - 40) if len(text) > _LONGEST_MATCHED_TEXT else 0
    return text[start : start + _LONGEST_MATCHED_TEXT]


def _bounded(texts: Iterable[str]) -> Iterable[str]:
    left = _LONGEST_TEXT
    for text in texts:
        if left <= 0:
            return
        yield text[:left]
        left -= len(text) + 1
