"""Attachments on their way out: a link for five minutes, to a file to be saved and never to a page.

Content is handed out as it was stored: nothing here unpacks, converts or looks into it.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.filenames import safe_filename
from banxway.models.mail_display import AttachmentLink
from banxway.storage import message_contents
from banxway.storage.database import Database
from banxway.storage.transfers import BlobTransfers

_LIFETIME = timedelta(minutes=5)


class Attachments:
    """The attachments of stored messages."""

    def __init__(self, database: Database, *, transfers: Callable[[], BlobTransfers], clock: Clock) -> None:
        self._database = database
        self._transfers = transfers
        self._clock = clock

    def link(self, *, actor: Actor, message_id: UUID, attachment_id: UUID) -> AttachmentLink:
        """Return where an attachment of this message can be fetched. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            row = message_contents.find_attachment(
                transaction, message_id=message_id, attachment_id=attachment_id
            )
        if row is None:
            raise NotFound("Attachment not found")
        # Names are made safe when a mail is read; of what was stored before that rule, nothing is assumed.
        filename = safe_filename(row["filename"], row["content_type"])
        url = self._transfers().download_url(
            actor.organization_id,
            row["blob_key"],
            filename=filename,
            content_type=row["content_type"],
            lifetime=_LIFETIME,
        )
        return AttachmentLink(
            id=row["id"],
            filename=filename,
            content_type=row["content_type"],
            size_bytes=row["size_bytes"],
            url=url,
            expires_at=self._clock.now() + _LIFETIME,
        )
