"""A mail on its way into a thread, as the steps after its filing see it."""

from dataclasses import dataclass
from uuid import UUID

from banxway.models.mail import ParsedMail
from banxway.storage.database import Row
from banxway.storage.messages.rows import NewMessageRow


@dataclass(frozen=True, slots=True)
class FiledMail:
    """One mail that was filed in this transaction and is new.

    `stored` is its row of mailbox_messages with its folder's `role`; `message` its row of messages as inserted.
    """

    message: NewMessageRow
    mail: ParsedMail
    stored: Row
    thread_id: UUID
    started_thread: bool
