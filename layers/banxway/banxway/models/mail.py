"""Mail as it arrives: what IMAP says about it, and what parsing makes of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A person by address. With `via`, a relay's address, the address is only claimed and may be empty."""

    address: str
    name: str
    via: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells one person from another in an organization."""
        return self.address, self.via


class FolderRole(StrEnum):
    """What a folder is for, by its special use (RFC 6154), else by its name (reference/mail.md, 9)."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    JUNK = "junk"
    TRASH = "trash"
    ARCHIVE = "archive"
    ALL = "all"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FolderState:
    """A folder as the server describes it, opened or not.

    `uid_next` is the smallest UID that no present message has (RFC 3501, 2.3.1.1). `highest_modseq` is None
    where the server has no CONDSTORE for it (RFC 7162). `name` is decoded; what travels is the folder's own.
    """

    name: str
    uid_validity: int
    uid_next: int
    messages: int
    highest_modseq: int | None = None
    role: FolderRole = FolderRole.OTHER


@dataclass(frozen=True, slots=True)
class MailFlags:
    """What the server says of one message: IMAP system flags and keywords, as they stand."""

    uid: int
    flags: tuple[str, ...]

    @property
    def is_seen(self) -> bool:
        """Whether somebody has read it."""
        return any(flag.lower() == "\\seen" for flag in self.flags)


LARGEST_MAIL = 50_000_000
"""In bytes: of a larger one the header alone is fetched."""


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
    flags: tuple[str, ...] = ()


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


class MailAuthentication(StrEnum):
    """What the receiving server's own Authentication-Results say of the sender (RFC 8601)."""

    PASSED = "passed"
    FAILED = "failed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient of a bounce. `status` is the enhanced code, such as 5.1.1; `action` is failed or delayed."""

    address: str
    action: str
    status: str | None
    diagnostic: str


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a delivery report says (RFC 3464): which mail, and what became of it for whom."""

    original_message_id: str | None
    recipients: tuple[FailedRecipient, ...]


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A readable mail. Never raises to exist: what could not be read is said in `problems`.

    `message_id`, `in_reply_to` and `references` are bare ids without angle brackets; `references` is
    oldest first. `text` is the full readable text (derived from `html` when there is no plain part) and is
    empty only when the mail is. `html` is as sent, not sanitised. `reply_text` is `text` without what it
    quotes and signs with, `signature_text` what it signs with. `headers` are decoded, in their order, bounded
    in number and length. `reply_to` are all addresses of that header. `raw_message_id` is the id as the header
    spells it. `forwarded_from` is whom a forwarded text names as its author. `return_path` is the envelope's
    sender, "" for the null path of RFC 3834, None where
    no header says. `thread_index` is Outlook's header as it stands. `loop_marks` are the X-Loop values.
    """

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    subject: str
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    sent_at: datetime | None
    text: str
    html: str | None = field(repr=False)
    attachments: tuple[MailAttachment, ...]
    origin: MailOrigin
    problems: tuple[str, ...] = ()
    reply_text: str = ""
    signature_text: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    return_path: str | None = None
    authentication: MailAuthentication = MailAuthentication.NONE
    thread_index: str | None = None
    thread_topic: str | None = None
    list_id: str | None = None
    loop_marks: tuple[str, ...] = ()
    bounce: BounceReport | None = None
    raw_message_id: str | None = None
    forwarded_from: Address | None = None
