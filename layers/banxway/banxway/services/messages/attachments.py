"""Serves the contents of stored messages: whole fields, and files by a link that is valid for five minutes.

Content leaves as it was stored: nothing here unpacks, converts or inspects it, and no file is shown as a page.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.messages.display import AttachmentLink, OriginalLink
from banxway.models.threads.messages import MessagePart
from banxway.models.values.filenames import safe_filename
from banxway.storage.blobs.transfers import BlobTransfers
from banxway.storage.database import Database
from banxway.storage.messages import contents as message_contents

_LIFETIME = timedelta(minutes=5)


class Attachments:
    """Reads fields, attachments and originals of stored messages."""

    def __init__(self, database: Database, *, transfers: Callable[[], BlobTransfers], clock: Clock) -> None:
        self._database = database
        self._transfers = transfers
        self._clock = clock

    def part(self, *, actor: Actor, message_id: UUID, field: str, cursor: str | None) -> MessagePart:
        """Return a piece of one field. Raises NotFound, ValidationFailed for a cursor of another field."""
        with self._database.as_actor(actor) as transaction:
            part = message_contents.find_part(transaction, message_id, field, cursor=cursor)
        if part is None:
            raise NotFound("Message not found")
        return part

    def original(self, *, actor: Actor, message_id: UUID) -> OriginalLink:
        """Return a link to the mail exactly as it arrived. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            key = message_contents.find_original(transaction, message_id)
        if key is None:
            raise NotFound("No original of this message is stored")
        url = self._transfers().download_url(
            actor.organization_id,
            key,
            filename="message.eml",
            content_type="message/rfc822",
            lifetime=_LIFETIME,
        )
        return OriginalLink(
            message_id=message_id,
            filename="message.eml",
            url=url,
            expires_at=self._clock.now() + _LIFETIME,
        )

    def link(self, *, actor: Actor, message_id: UUID, attachment_id: UUID) -> AttachmentLink:
        """Return a link to an attachment of this message. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            row = message_contents.find_attachment(
                transaction, message_id=message_id, attachment_id=attachment_id
            )
        if row is None:
            raise NotFound("Attachment not found")
        # Names are made safe when a mail is read; rows that are older than this rule need it here.
        filename = safe_filename(row.filename, row.content_type)
        url = self._transfers().download_url(
            actor.organization_id,
            row.blob_key,
            filename=filename,
            content_type=row.content_type,
            lifetime=_LIFETIME,
        )
        return AttachmentLink(
            id=row.id,
            filename=filename,
            content_type=row.content_type,
            size_bytes=row.size_bytes,
            url=url,
            expires_at=self._clock.now() + _LIFETIME,
        )
