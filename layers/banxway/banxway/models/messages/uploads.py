"""Uploads: files that are announced, uploaded directly to the blob store, then claimed by a message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from banxway.models.fields import OneLine, RequestBody, Shape

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
"""The largest single attachment of an outgoing mail."""

# RFC 6838, section 4.2, without parameters.
MediaType = Annotated[
    str,
    StringConstraints(to_lower=True, max_length=127),
    Shape(
        r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*",
        "must be a media type without parameters, such as image/png",
    ),
]


class NewUpload(RequestBody):
    """A file to upload: its name, its media type, and its exact size, at most 20 MiB."""

    filename: OneLine = Field(min_length=1, max_length=255)
    """The file's name."""
    content_type: MediaType = "application/octet-stream"
    """Its media type, without parameters."""
    size_bytes: int = Field(ge=1)
    """Its exact size in bytes, at most 20 MiB."""


class Upload(BaseModel):
    """The request that uploads the file: send it with `method` to `url` with `headers` before `expires_at`.

    The store accepts exactly the announced size. Attach `upload_id` to a message before `usable_until`.
    """

    upload_id: UUID
    """The id by which a message attaches it."""
    filename: str
    """The file's name."""
    url: str
    """The URL to upload it to."""
    method: Literal["PUT"]
    """The HTTP method of the request."""
    headers: dict[str, str]
    """The headers of the request, exactly these."""
    expires_at: datetime
    """The time until which it can be uploaded."""
    usable_until: datetime
    """The time until which a message can attach it."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was uploaded and claimed for a message; `blob_key` is empty until its content is a blob."""

    upload_id: UUID
    filename: str
    content_type: str
    size_bytes: int
    blob_key: str = ""
