"""The messages of a thread, as agents read them, and what happened to each."""

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
    """An attachment of a message; its content is fetched apart."""

    id: UUID
    """The attachment's id."""
    filename: str
    """The name that its sender gave it, safe to show."""
    content_type: str
    """Its media type, as its sender says."""
    size_bytes: int
    """Its size in bytes."""
    is_inline: bool
    """Whether it is shown within the text."""


class ThreadEvent(BaseModel):
    """What happened to a message or a customer without being a message.

    `kind` is reaction, reaction_removed, edit, revocation, number_change, system, or report for a word of the
    provider that nobody knows. `text` is the emoji, the new words, the note or the provider's words. `message_sid`
    is the provider's name for the message that it is about.
    """

    kind: EventKind
    """What happened."""
    text: str
    """The emoji, the new words, the note or the provider's words."""
    sender: str | None
    """Who did it; null where nobody is named."""
    message_sid: str | None
    """The provider's name for the message that it is about; null where it is about none."""
    occurred_at: datetime
    """When it happened."""


class Reaction(BaseModel):
    """What somebody last answered to a message with an emoji; `taken_back_at` is set once it is taken back."""

    emoji: str
    """The emoji."""
    sender: str
    """Who reacted."""
    reacted_at: datetime
    """When they did."""
    taken_back_at: datetime | None
    """When they took it back; null while it stands."""


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
    """The message's id."""
    channel: Channel
    """The channel that it came or went on."""
    direction: Direction
    """Whether it came in or went out."""
    kind: str
    """What it is: email, text, template, or WhatsApp's word for it."""
    status: MessageStatus
    """Where it is on its way."""
    sender: str
    """The address or number that it came from."""
    sender_name: str
    """The name beside it; empty where there is none."""
    recipient: str
    """The address or number that it went to."""
    subject: str
    """Its subject; empty where there is none."""
    body_text: str
    """Its whole text."""
    to: list[str]
    """Whom the mail's header names in To."""
    cc: list[str]
    """Whom the mail's header names in Cc."""
    reply_to: list[str]
    """Whom the mail's header names in Reply-To."""
    reply_text: str | None
    """Its text without what it quotes and signs with; null where that is the same."""
    signature_text: str | None
    """What it signs with; null where nothing was told apart."""
    automatic: AutomaticKind | None
    """What sent it, if no person did; else null."""
    seen_at: datetime | None
    """When it was first read here; null while it is unread."""
    is_spam: bool
    """Whether it is spam."""
    authentication: MailAuthentication | None
    """What the mailbox's own server found of the sender (RFC 8601); null where it says nothing."""
    message_sid: str | None
    """The provider's name for it; null until it is known."""
    failure_reason: str | None
    """Why it failed; null where it did not."""
    failure_advice: str | None
    """What to do about it; null where there is nothing."""
    origin: str | None
    """Who made the mail, a person or a machine; null for what is no mail."""
    join_rule: str
    """The rule by which it is in this thread."""
    join_evidence: str
    """The id or address that proves it."""
    problems: list[str]
    """What could not be read of it, a sentence each."""
    media_url: str | None
    """Where the provider keeps a file that came on WhatsApp; null where there is none."""
    referral: dict[str, str] | None
    """The ad or product from which the customer wrote, in WhatsApp's names; null where there is none."""
    events: list[ThreadEvent]
    """What happened to it, the oldest first."""
    reactions: list[Reaction]
    """What people answered to it with an emoji."""
    attachments: list[Attachment]
    """Its attachments."""
    created_by: UUID | None
    """The user who wrote it here; null for all else."""
    date: datetime | None
    """When it was written, by its sender's clock; null where it does not say."""
    occurred_at: datetime
    """When it came or was written here."""
    is_cut: bool
    """Whether something of it is shortened here."""
    cut_fields: list[str]
    """Which of its fields are."""


MESSAGE_FIELDS = (
    "attachments", "body_text", "cc", "failure_advice", "failure_reason", "join_evidence", "kind", "message_sid",
    "media_url", "origin", "problems", "recipient", "reply_text", "reply_to", "sender", "sender_name",
    "signature_text", "subject", "to",
)  # fmt: skip
"""The fields of a message that can be long enough to be cut."""


class MessagePartQuery(RequestBody):
    """Which piece of a field: the first, or the one behind a cursor."""

    cursor: str | None = Field(default=None, max_length=LONGEST_CURSOR)
    """The `next_cursor` of the piece before."""


class MessagePart(BaseModel):
    """A piece of one field of a message; the pieces of all cursors, one after the other, are the whole field.

    A text's piece is in `text`, a list's in `items`, attachments are in `attachments`; the others are null.
    """

    message_id: UUID
    """The message's id."""
    field: str
    """The field."""
    text: str | None
    """A piece of a text; null for a list."""
    items: list[str] | None
    """A piece of a list of texts; null for all else."""
    attachments: list[Attachment] | None
    """A piece of the attachments; null for all else."""
    next_cursor: str | None
    """Give it as `cursor` to read on; null with the last piece."""
