"""A filed mail, as the steps after its filing see it."""

from dataclasses import dataclass
from uuid import UUID

from banxway.models.mail import ParsedMail
from banxway.storage.email_sync.mailbox_messages import UnfiledMail
from banxway.storage.messages.rows import NewMessageRow


@dataclass(frozen=True, slots=True)
class FiledMail:
    """One new mail that was filed in this transaction.

    `stored` describes its stored bytes, `message` is its row as inserted.
    """

    message: NewMessageRow
    mail: ParsedMail
    stored: UnfiledMail
    thread_id: UUID
    started_thread: bool
