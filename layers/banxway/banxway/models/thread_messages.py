"""The messages of a thread, as agents read them, and what happened to each."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from banxway.e164 import spellings
from banxway.models.fields import RequestBody
from banxway.models.pages import LONGEST_CURSOR


class Attachment(BaseModel):
    """An attachment of a message; its content is fetched apart."""

    id: UUID
    filename: str
    content_type: str
    size_bytes: int
    is_inline: bool


class ThreadEvent(BaseModel):
    """What happened to a message or a customer without being a message.

    `kind` is reaction, reaction_removed, edit, revocation, number_change, system, or report for a word of the
    provider that nobody knows. `text` is the emoji, the new words, the note or the provider's words. `message_sid`
    is the provider's name for the message that it is about.
    """

    kind: str
    text: str
    sender: str | None
    message_sid: str | None
    occurred_at: datetime


class Reaction(BaseModel):
    """What somebody last answered to a message with an emoji; `taken_back_at` is set once it is taken back."""

    emoji: str
    sender: str
    reacted_at: datetime
    taken_back_at: datetime | None


def reactions_among(events: Iterable[ThreadEvent]) -> list[Reaction]:
    """Return the latest reaction of each person among a message's events, which are in their order."""
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
    """One message of a thread. `problems` says in sentences what could not be read of it.

    `sender` and `sender_name` are who wrote it: of what was written here, the mailbox or number that it left from,
    and the user. `to`, `cc` and `reply_to` are a mail's, as its header says; `date` is its own, told by its sender's
    clock. `reply_text` is `body_text` without what it quotes and signs with, null where that is the same.
    `automatic` says what sent it if no person did. `join_rule` and `join_evidence` say why it is in this thread.
    `authentication` is what the mailbox's own server found of the sender (RFC 8601). `media_url` is where the
    provider keeps a file that came on WhatsApp; `referral` is the ad or product from which the customer wrote, in
    WhatsApp's names. `events` are what happened to it, oldest first; the text stays what it was when it came.
    `is_cut` says that something is long and shortened here: `cut_fields` names it, and
    GET /communications/messages/{message_id}/parts/{field} has it whole.
    """

    id: UUID
    channel: str
    direction: str
    kind: str
    status: str
    sender: str
    sender_name: str
    recipient: str
    subject: str
    body_text: str
    to: list[str]
    cc: list[str]
    reply_to: list[str]
    reply_text: str | None
    signature_text: str | None
    automatic: str | None
    seen_at: datetime | None
    is_spam: bool
    authentication: str | None
    message_sid: str | None
    failure_reason: str | None
    failure_advice: str | None
    origin: str | None
    join_rule: str
    join_evidence: str
    problems: list[str]
    media_url: str | None
    referral: dict[str, str] | None
    events: list[ThreadEvent]
    reactions: list[Reaction]
    attachments: list[Attachment]
    created_by: UUID | None
    date: datetime | None
    occurred_at: datetime
    is_cut: bool
    cut_fields: list[str]


MESSAGE_FIELDS = (
    "attachments", "body_text", "cc", "failure_advice", "failure_reason", "join_evidence", "kind", "message_sid",
    "media_url", "origin", "problems", "recipient", "reply_text", "reply_to", "sender", "sender_name",
    "signature_text", "subject", "to",
)  # fmt: skip
"""The fields of a message that can be long enough to be cut."""


class MessagePartQuery(RequestBody):
    """Which piece of a field: the first, or the one behind a cursor."""

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)


class MessagePart(BaseModel):
    """A piece of one field of a message; the pieces of all cursors, one after the other, are the whole field.

    A text's piece is in `text`, a list's in `items`, attachments are in `attachments`; the others are null.
    """

    message_id: UUID
    field: str
    text: str | None
    items: list[str] | None
    attachments: list[Attachment] | None
    next_cursor: str | None
