"""The messages of a thread, as agents read them, and the events about each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.e164 import spellings
from banxway.models.fields import RequestBody
from banxway.models.mail import MailAuthentication
from banxway.models.messages.outgoing import AutomaticKind
from banxway.models.messages.statuses import MessageStatus
from banxway.models.pages import LONGEST_CURSOR
from banxway.models.words import Channel, Direction

EventKind = Literal["reaction", "reaction_removed", "edit", "revocation", "number_change", "system", "report"]


class Attachment(BaseModel):
    """An attachment of a message; its content has a route of its own."""

    id: UUID
    """The attachment's id."""
    filename: str
    """The name that its sender gave it, safe to show."""
    content_type: str
    """Its media type, as its sender declared it."""
    size_bytes: int
    """Its size in bytes."""
    is_inline: bool
    """Whether it is shown within the text."""


class ThreadEvent(BaseModel):
    """An event about a message or a customer that is not a message itself."""

    kind: EventKind
    """What happened; `report` is a provider's report with an unknown status."""
    text: str
    """The emoji, the new text, WhatsApp's own text, or the provider's report."""
    sender: str | None
    """The number that did it; null if none is named."""
    message_sid: str | None
    """The provider's id of the message that it is about; null if it is about none."""
    occurred_at: datetime
    """When it happened."""


class Reaction(BaseModel):
    """A person's latest reaction to a message."""

    emoji: str
    """The emoji."""
    sender: str
    """The number that reacted."""
    reacted_at: datetime
    """When the person reacted."""
    taken_back_at: datetime | None
    """When the person removed the reaction; null if they did not."""


def reactions_among(events: Iterable[ThreadEvent]) -> list[Reaction]:
    """Return the latest reaction of each person; `events` are those of one message, the oldest first."""
    found: dict[str, Reaction] = {}
    for event in events:
        person = spellings(event.sender or "")[0]
        if event.kind == "reaction":
            found[person] = Reaction(
                emoji=event.text, sender=event.sender or "", reacted_at=event.occurred_at, taken_back_at=None
            )
        elif event.kind == "reaction_removed" and person in found:
            found[person] = found[person].model_copy(update={"taken_back_at": event.occurred_at})
    return list(found.values())


class Message(BaseModel):
    """One message of a thread.

    `events` do not change the message: its text stays as it came. If `is_cut`, some fields are shortened:
    `cut_fields` names them, and GET /communications/messages/{message_id}/parts/{field} returns them whole.
    """

    id: UUID
    """The message's id."""
    channel: Channel
    """The channel that it came or went on."""
    direction: Direction
    """Whether it came in or went out."""
    kind: str
    """The kind of content: email, text, template, or another of WhatsApp's types."""
    status: MessageStatus
    """Its status."""
    sender: str
    """The address or number that it came from; for one written here, our mailbox or number."""
    sender_name: str
    """The sender's name; for one written here, the user's name; empty if there is none."""
    recipient: str
    """The address or number that it went to."""
    subject: str
    """Its subject; empty if there is none."""
    body_text: str
    """Its whole text."""
    to: list[str]
    """The addresses in the mail's To."""
    cc: list[str]
    """The addresses in the mail's Cc."""
    reply_to: list[str]
    """The addresses in the mail's Reply-To."""
    reply_text: str | None
    """Its text without quotation and signature; null if that is the same."""
    signature_text: str | None
    """Its signature; null if none was found."""
    automatic: AutomaticKind | None
    """Which automatic function of ours sent it; null if a person did."""
    seen_at: datetime | None
    """When it was first read, here or on the mail server; null while it is unread."""
    is_spam: bool
    """Whether it is spam."""
    authentication: MailAuthentication | None
    """Whether the mailbox's own server could authenticate the sender (RFC 8601); null if it is no received mail."""
    message_sid: str | None
    """The provider's id of the message; null until it is known."""
    failure_reason: str | None
    """Why it failed; null if it did not."""
    failure_advice: str | None
    """What to do about the failure; null if there is nothing."""
    origin: str | None
    """Who made the mail, a person or which kind of machine; null if it is not a mail."""
    join_rule: str
    """The rule by which it joined this thread."""
    join_evidence: str
    """The id or address that is the evidence for it."""
    problems: list[str]
    """The parts of it that could not be read, a sentence each."""
    media_url: str | None
    """The provider's URL of a file that came on WhatsApp; null if there is none."""
    referral: dict[str, str] | None
    """The ad or product from which the customer wrote, with WhatsApp's field names; null if there is none."""
    events: list[ThreadEvent]
    """The events about it, the oldest first."""
    reactions: list[Reaction]
    """The latest reaction of each person."""
    attachments: list[Attachment]
    """Its attachments."""
    created_by: UUID | None
    """The user who wrote it here; null for any other message."""
    date: datetime | None
    """When it was written, by its sender's clock; null if that is unknown."""
    occurred_at: datetime
    """When it came in or was written here."""
    is_cut: bool
    """Whether parts of it are shortened or left out."""
    cut_fields: list[str]
    """The fields that are shortened."""


MESSAGE_FIELDS = (
    "attachments", "body_text", "cc", "failure_advice", "failure_reason", "join_evidence", "kind", "message_sid",
    "media_url", "origin", "problems", "recipient", "reply_text", "reply_to", "sender", "sender_name",
    "signature_text", "subject", "to",
)  # fmt: skip
"""The fields of a message that may be cut."""


class MessagePartQuery(RequestBody):
    """Which piece of a field: the first one, or the one after a cursor."""

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)
    """The `next_cursor` of the piece before."""


class MessagePart(BaseModel):
    """A piece of one field of a message; all pieces, one after the other, are the whole field."""

    message_id: UUID
    """The message's id."""
    field: str
    """The field."""
    text: str | None
    """The piece, if the field is a text; else null."""
    items: list[str] | None
    """The piece, if the field is a list of texts; else null."""
    attachments: list[Attachment] | None
    """The piece, if the field is `attachments`; else null."""
    next_cursor: str | None
    """The `cursor` of the next piece; null after the last one."""
