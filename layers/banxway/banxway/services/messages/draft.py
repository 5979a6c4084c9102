"""A complete message that is not in the ledger yet."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from banxway.models.messages.uploads import UploadedFile
from banxway.models.words import Channel

_NO_COLUMNS = ("files", "mail_id_domain")


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a mail; the HTML shows one that has a `content_id`."""

    file: UploadedFile
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a message before it has an id.

    `files` are rows of their own. A mail has a `mail_id_domain`: its Message-ID ends in it.
    """

    channel: Channel
    sender: str
    recipient: str
    kind: str = "text"
    subject: str = ""
    body_text: str = ""
    body_html: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    email_account_id: UUID | None = None
    mail_base_subject: str | None = None
    mail_id_domain: str | None = None
    mail_in_reply_to: str | None = None
    mail_references: list[str] = field(default_factory=list)
    mail_to: list[str] = field(default_factory=list)
    mail_cc: list[str] = field(default_factory=list)
    mail_bcc: list[str] = field(default_factory=list)
    mail_reply_to: list[str] = field(default_factory=list)
    mail_answered_sender: str | None = None
    files: list[DraftFile] = field(default_factory=list)

    def columns(self, message_id: UUID) -> dict[str, Any]:
        """Return the columns of the message's row. A mail's Message-ID is made of the row's id, so it is stable."""
        columns = {name: getattr(self, name) for name in self.__slots__ if name not in _NO_COLUMNS}
        if self.mail_id_domain:
            columns["mail_message_id"] = f"{message_id}@{self.mail_id_domain}"
        return columns
