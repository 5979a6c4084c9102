"""Mail as it arrives: what IMAP says about it, and what parsing makes of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FolderState:
    """An opened folder. `uid_next` is the smallest UID that no present message has (RFC 3501, 2.3.1.1)."""

    name: str
    uid_validity: int
    uid_next: int
    messages: int


@dataclass(frozen=True, slots=True)
class MailSize:
    """One message's UID and its size in bytes (RFC822.SIZE), known before fetching it."""

    uid: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One message's raw bytes, exactly as the server holds them; `internal_date` is its arrival, in UTC."""

    uid: int
    raw: bytes = field(repr=False)
    internal_date: datetime | None


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox address in lower case, and the name displayed beside it ("" when absent)."""

    email: str
    name: str = ""


class MailOrigin(StrEnum):
    """Who made a mail; only `human` may ever be answered automatically (RFC 3834)."""

    HUMAN = "human"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    BULK = "bulk"
    GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """One attachment or inline image. `filename` is decoded and safe to show; never used as a path."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    sha256: str
    content_id: str | None = None
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A readable mail. Never raises to exist: what could not be read is said in `problems`.

    `message_id`, `in_reply_to` and `references` are bare ids without angle brackets; `references` is
    oldest first. `text` is the full readable text (derived from `html` when there is no plain part) and is
    empty only when the mail is. `html` is as sent, not sanitised.
    """

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    subject: str
    sender: Address | None
    reply_to: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    sent_at: datetime | None
    text: str
    html: str | None = field(repr=False)
    attachments: tuple[MailAttachment, ...]
    origin: MailOrigin
    problems: tuple[str, ...] = ()
