"""Files for outgoing messages: announced, uploaded to the blob store, claimed by a message, and kept.

A file that no message claims within a day is deleted.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import TooLarge, ValidationFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.messages.uploads import MAX_UPLOAD_BYTES, NewUpload, Upload, UploadedFile
from banxway.models.values.filenames import safe_filename
from banxway.storage.blobs.store import BlobStore
from banxway.storage.blobs.transfers import BlobTransfers
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import uploads
from banxway.storage.messages.uploads import UploadRow

_URL_LIFETIME = timedelta(minutes=15)
_USABLE = timedelta(hours=24)


class Uploads:
    """Files that were announced and are not part of a message yet."""

    def __init__(
        self,
        database: Database,
        *,
        transfers: Callable[[], BlobTransfers],
        blobs: Callable[[], BlobStore],
        new_id: NewId,
        clock: Clock,
    ) -> None:
        self._database = database
        self._transfers = transfers
        self._blobs = blobs
        self._new_id = new_id
        self._clock = clock

    def create(self, *, actor: Actor, upload: NewUpload) -> Upload:
        """Announce a file and return where to upload it. Raises TooLarge naming size_bytes."""
        if upload.size_bytes > MAX_UPLOAD_BYTES:
            raise TooLarge(
                f"size_bytes must not exceed {MAX_UPLOAD_BYTES} (20 MB)",
                field="size_bytes",
                limit_bytes=MAX_UPLOAD_BYTES,
            )
        upload_id = self._new_id()
        filename = safe_filename(upload.filename, upload.content_type)
        target = self._transfers().upload_target(
            actor.organization_id,
            upload_id,
            size_bytes=upload.size_bytes,
            content_type=upload.content_type,
            lifetime=_URL_LIFETIME,
        )
        with self._database.as_actor(actor) as transaction:
            usable_until = uploads.add(
                transaction,
                upload_id=upload_id,
                organization_id=actor.organization_id,
                filename=filename,
                content_type=upload.content_type,
                size_bytes=upload.size_bytes,
                created_by=actor.user_id,
                lifetime_s=int(_USABLE.total_seconds()),
            )
        return Upload(
            upload_id=upload_id,
            filename=filename,
            url=target.url,
            method=target.method,
            headers=target.headers,
            expires_at=self._clock.now() + _URL_LIFETIME,
            usable_until=usable_until,
        )

    def claim(
        self,
        transaction: Transaction,
        actor: Actor,
        upload_ids: Sequence[UUID],
        *,
        fields: Sequence[str] | None = None,
    ) -> list[UploadedFile]:
        """Claim uploads for a message and return them in the order given; `keep` then stores their contents for good.

        Only the user who announced a file may claim it, once and within a day, after it has arrived. A rollback
        makes the files claimable again. Raises ValidationFailed naming the field: `fields` names each, without it
        they are `attachments.0`, `attachments.1` and so on. A foreign id is refused like an unknown one.
        """
        names = list(fields) if fields is not None else [f"attachments.{at}" for at in range(len(upload_ids))]
        for at, upload_id in enumerate(upload_ids):
            if upload_id in upload_ids[:at]:
                raise ValidationFailed("This upload is named twice: name each upload once", field=names[at])
        found = {
            row.id: row for row in uploads.claim(transaction, upload_ids=upload_ids, created_by=actor.user_id)
        }
        # The database is asked about all of them before the blob store is asked about any.
        for upload_id, name in zip(upload_ids, names, strict=True):
            if upload_id not in found:
                raise ValidationFailed(
                    "No such upload: it is unknown, was used already or has expired", field=name
                )
        return [
            self._arrived(actor.organization_id, found[upload_id], name)
            for upload_id, name in zip(upload_ids, names, strict=True)
        ]

    def keep(self, organization_id: UUID, files: Sequence[UploadedFile]) -> list[UploadedFile]:
        """Copy claimed files to their keys by hash. The uploads stay, in case the transaction does not commit.

        Raises ValidationFailed for a file that was replaced or removed since it was claimed.
        """
        return [
            replace(file, blob_key=self._blobs().put(organization_id, self._content(organization_id, file)))
            for file in files
        ]

    def sweep(self) -> int:
        """Delete unclaimed uploads and return their number; a bucket's lifecycle rule deletes the contents."""
        with self._database.system() as transaction:
            forgotten = uploads.prune(transaction)
        self._transfers().sweep(older_than=_USABLE + _URL_LIFETIME)
        return forgotten

    def _arrived(self, organization_id: UUID, row: UploadRow, field: str) -> UploadedFile:
        try:
            size = self._transfers().uploaded_size(organization_id, row.id, longest=MAX_UPLOAD_BYTES)
        except TooLarge as error:
            raise ValidationFailed(error.message, field=field, **error.details) from error
        if size is None:
            raise ValidationFailed("This upload has not arrived yet: upload the file first", field=field)
        if size != row.size_bytes:
            raise ValidationFailed(
                "The size of the uploaded file differs from the announced size_bytes: upload it again",
                field=field,
            )
        return UploadedFile(row.id, row.filename, row.content_type, size)

    def _content(self, organization_id: UUID, file: UploadedFile) -> bytes:
        content = self._transfers().uploaded(organization_id, file.upload_id, longest=MAX_UPLOAD_BYTES)
        if content is None or len(content) != file.size_bytes:
            raise ValidationFailed(
                f"The upload {file.filename} was replaced or removed meanwhile: upload the file again",
                field="attachments",
            )
        return content
