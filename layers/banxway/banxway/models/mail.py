"""Mail as it arrives: what IMAP says about it, and what the parser makes of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A person, by address. If `via` is a relay's address, the person only claimed `address`, which may be empty."""

    address: str
    name: str
    via: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the person within an organization."""
        return self.address, self.via


class FolderRole(StrEnum):
    """The purpose of a folder, by its special use (RFC 6154), else by its name (reference/mail.md, 9)."""

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

    `uid_next` is larger than the UID of every present message (RFC 3501, 2.3.1.1). `highest_modseq` is None
    if the server does not support CONDSTORE for it (RFC 7162). `name` is decoded; commands use the encoded name.
    """

    name: str
    uid_validity: int
    uid_next: int
    messages: int
    highest_modseq: int | None = None
    role: FolderRole = FolderRole.OTHER


@dataclass(frozen=True, slots=True)
class MailFlags:
    """One message's IMAP system flags and keywords, unchanged."""

    uid: int
    flags: tuple[str, ...]

    @property
    def is_seen(self) -> bool:
        """Whether the message is marked as read."""
        return any(flag.lower() == "\\seen" for flag in self.flags)


LARGEST_MAIL = 50_000_000
"""In bytes; only the header of a larger mail is fetched."""


@dataclass(frozen=True, slots=True)
class MailSize:
    """One message's UID and its size in bytes (RFC822.SIZE), known before fetching it."""

    uid: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One message's raw bytes, exactly as the server has them; `internal_date` is when it arrived, in UTC."""

    uid: int
    raw: bytes = field(repr=False)
    internal_date: datetime | None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox address in lower case, and the name displayed with it ("" when absent)."""

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
    """What the receiving server's own Authentication-Results say about the sender (RFC 8601)."""

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
    """A delivery report (RFC 3464): the mail it is about, and the result for each recipient."""

    original_message_id: str | None
    recipients: tuple[FailedRecipient, ...]


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A parsed mail. Parsing never fails: `problems` says, a sentence each, what could not be read.

    `message_id`, `in_reply_to` and `references` are ids without angle brackets, `references` the oldest first;
    `raw_message_id` is the id as the header spells it. `text` is the whole readable text (derived from `html` if
    there is no plain part) and is empty only if the mail is. `html` is as sent, not sanitised. `reply_text` is
    `text` without quotation and signature, `signature_text` the signature. `headers` are decoded, in their order,
    limited in number and length. `reply_to` are all addresses of that header. `forwarded_from` is the author that a
    forwarded text names. `return_path` is the envelope's sender, "" for the null path of RFC 3834, None if no header
    has it. `thread_index` is Outlook's header, unchanged. `loop_marks` are the X-Loop values.
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
