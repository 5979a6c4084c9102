"""Rules for inbound mail, as a manager writes them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    computed_field,
    field_serializer,
)

from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.changes import ChangeBody
from banxway.models.fields import HeaderName, Label, PlainEmail, RequestBody
from banxway.models.mail import MailOrigin
from banxway.models.values.quoting import one_of
from banxway.models.values.versions import version_of

Operator = Literal["contains", "equals", "starts_with", "ends_with", "matches"]
_FIELDS = (
    "sender", "recipient", "subject", "body", "header", "attachment_name", "attachment_type",
    "has_attachment", "attachment_larger_than", "account", "business_hours", "origin",
)  # fmt: skip
_TYPES = ("tag", "assign", "forward", "mark_spam", "stop")


def _must_be_known_field(name: object) -> object:
    if name not in _FIELDS:
        raise ValueError(f"must be {one_of(_FIELDS)}")
    return name


def _must_be_known_type(name: object) -> object:
    if name not in _TYPES:
        raise ValueError(f"must be {one_of(_TYPES)}")
    return name


class _Condition(RequestBody):
    # First, so that an error in it is the one that is reported.
    field: str
    """The part of a mail that is compared."""
    negate: bool = False
    """Whether the condition is reversed: it matches the mails that it would not match otherwise."""


class _Comparing(_Condition):
    operator: Operator
    """How the two are compared, ignoring case."""
    value: str = Field(min_length=1, max_length=200)
    """The text to compare with; in `matches`, * stands for any characters and ? for one."""


class TextCondition(_Comparing):
    """Compares a text of the mail, ignoring case.

    `sender` is an address (its name is in the header From), `recipient` any address of To and Cc; if there are
    several, one match is enough. Of a long text the first 64,000 characters are compared.
    """

    field: Annotated[
        Literal["sender", "recipient", "subject", "body", "attachment_name", "attachment_type"],
        BeforeValidator(_must_be_known_field),
    ]
    """The text that is compared."""


class HeaderCondition(_Comparing):
    """Compares the values of one header."""

    field: Literal["header"]
    """A header of the mail is compared."""
    name: HeaderName
    """The header's name."""


class HasAttachmentCondition(_Condition):
    """Matches a mail with an attachment that is not shown within its text."""

    field: Literal["has_attachment"]
    """Whether the mail has an attachment is checked."""


class AttachmentSizeCondition(_Condition):
    """Matches a mail with an attachment larger than this."""

    field: Literal["attachment_larger_than"]
    """The size of attachments is compared."""
    size_bytes: int = Field(ge=1, le=50_000_000)
    """An attachment must be larger than this, in bytes."""


class AccountCondition(_Condition):
    """Matches mail that arrived in one mailbox."""

    field: Literal["account"]
    """The mailbox that the mail arrived in is compared."""
    account_id: UUID
    """The mailbox."""


class HoursCondition(_Condition):
    """Matches mail that arrived within business hours, or outside them.

    Without `hours`, those of the WhatsApp integration apply; if there are none, it is always open.
    """

    field: Literal["business_hours"]
    """The time of arrival is compared with business hours."""
    is_open: bool
    """Whether the mail must have arrived while it was open."""
    hours: BusinessHours | None = None
    """The hours; if left out, those of the WhatsApp integration."""


class OriginCondition(_Condition):
    """Matches mail that a person made, or this kind of machine."""

    field: Literal["origin"]
    """Who made the mail is compared."""
    value: MailOrigin
    """A person, or which kind of machine."""


def _tag_of_condition(condition: Any) -> str:
    name = condition.get("field") if isinstance(condition, dict) else getattr(condition, "field", None)
    tags = {
        "header": "HEADER_CONDITION",
        "has_attachment": "ATTACHMENT_CONDITION",
        "attachment_larger_than": "SIZE_CONDITION",
        "account": "ACCOUNT_CONDITION",
        "business_hours": "HOURS_CONDITION",
        "origin": "ORIGIN_CONDITION",
    }
    return tags.get(name, "TEXT_CONDITION") if isinstance(name, str) else "TEXT_CONDITION"


Condition = Annotated[
    Annotated[TextCondition, Tag("TEXT_CONDITION")]
    | Annotated[HeaderCondition, Tag("HEADER_CONDITION")]
    | Annotated[HasAttachmentCondition, Tag("ATTACHMENT_CONDITION")]
    | Annotated[AttachmentSizeCondition, Tag("SIZE_CONDITION")]
    | Annotated[AccountCondition, Tag("ACCOUNT_CONDITION")]
    | Annotated[HoursCondition, Tag("HOURS_CONDITION")]
    | Annotated[OriginCondition, Tag("ORIGIN_CONDITION")],
    Discriminator(_tag_of_condition),
]


class TagAction(RequestBody):
    """Adds a tag to the thread."""

    type: Literal["tag"]
    """Adds a tag to the thread."""
    tag: Annotated[Label, StringConstraints(min_length=1, max_length=50)]
    """The tag."""


class AssignAction(RequestBody):
    """Assigns the thread to a member, unless it is assigned already."""

    type: Literal["assign"]
    """Assigns the thread, unless it is assigned already."""
    user_id: UUID
    """The member that it is assigned to."""


class ForwardAction(RequestBody):
    """Forwards the mail, with its attachments, from the mailbox that it arrived in."""

    type: Literal["forward"]
    """Forwards the mail."""
    address: PlainEmail
    """The address that it is forwarded to."""


class PlainAction(RequestBody):
    """Marks the mail as spam, or stops the rules after this one."""

    type: Annotated[Literal["mark_spam", "stop"], BeforeValidator(_must_be_known_type)]
    """Marks the mail as spam, or stops the rules after this one."""


def _tag_of_action(action: Any) -> str:
    name = action.get("type") if isinstance(action, dict) else getattr(action, "type", None)
    tags = {"tag": "TAG_ACTION", "assign": "ASSIGN_ACTION", "forward": "FORWARD_ACTION"}
    return tags.get(name, "PLAIN_ACTION") if isinstance(name, str) else "PLAIN_ACTION"


Action = Annotated[
    Annotated[TagAction, Tag("TAG_ACTION")]
    | Annotated[AssignAction, Tag("ASSIGN_ACTION")]
    | Annotated[ForwardAction, Tag("FORWARD_ACTION")]
    | Annotated[PlainAction, Tag("PLAIN_ACTION")],
    Discriminator(_tag_of_action),
]
Match = Literal["all", "any"]
_Name = Annotated[Label, StringConstraints(min_length=1, max_length=100)]
_Conditions = Annotated[list[Condition], Field(max_length=20)]
_Actions = Annotated[list[Action], Field(min_length=1, max_length=10)]


class NewEmailRule(RequestBody):
    """A new rule: the conditions that a mail must match, and the actions that follow."""

    name: _Name
    """The team's name for the rule."""
    is_active: bool = True
    """Whether it runs."""
    match: Match = "all"
    """Whether a mail must match all conditions, or any of them."""
    conditions: _Conditions = Field(default_factory=list)
    """The conditions; a rule without conditions matches every mail."""
    actions: _Actions
    """The actions, in the order in which they are done."""


class EmailRuleChange(ChangeBody):
    """The change of a rule; `conditions` and `actions` replace all earlier ones."""

    name: _Name | None = None
    """The team's name for the rule."""
    is_active: bool | None = None
    """Whether it runs."""
    match: Match | None = None
    """Whether a mail must match all conditions, or any of them."""
    conditions: _Conditions | None = None
    """All conditions; a rule without conditions matches every mail."""
    actions: _Actions | None = None
    """All actions, in the order in which they are done."""


class EmailRule(BaseModel):
    """A rule. Rules run by `position`, the lowest first.

    It forwards only mail that arrived after `activated_at`.
    """

    id: UUID
    """The rule's id."""
    name: str
    """The team's name for the rule."""
    position: int
    """Its position among the rules; the lowest runs first."""
    is_active: bool
    """Whether it runs."""
    match: Match
    """Whether a mail must match all conditions, or any of them."""
    conditions: list[Condition]
    """The conditions; a rule without conditions matches every mail."""
    actions: list[Action]
    """The actions, in the order in which they are done."""
    activated_at: datetime
    """When it was last switched on or its conditions or actions changed; it forwards only later mail."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""

    @field_serializer("conditions", "actions")
    def _as_written(self, parts: list[Any]) -> list[dict[str, Any]]:
        return [part.model_dump(mode="json", exclude_none=True) for part in parts]

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own advice for mypy
    @property
    def version(self) -> str:
        """The version of these settings; send it as If-Match with a change."""
        return version_of(
            self.model_dump(mode="json", include={"name", "is_active", "match", "conditions", "actions"})
        )


class ListedEmailRule(EmailRule):
    """A rule in the list of all, with how busy it is."""

    fired_last_7_days: int
    """For how many mails it fired in the last seven days."""
    order_version: str
    """The version of the order, the same for every rule; send it as If-Match when you reorder them."""


class RuleOrder(RequestBody):
    """Every rule of the organization, in the order in which they are to run."""

    rule_ids: list[UUID] = Field(min_length=1, max_length=50)
    """Every rule of the organization, the first to run first."""
