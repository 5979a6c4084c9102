"""Writes and reads the signed tokens of blob URLs on one machine: for one upload or download, for at most 30 min."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from banxway import errors
from banxway.clock import Clock
from banxway.reasons import Reason
from banxway.security.signed_tokens import SignedTokens

_LONGEST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class UploadPermit:
    """What an upload token allows: to upload one file of exactly this size and type."""

    organization_id: UUID
    upload_id: UUID
    size_bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class DownloadPermit:
    """What a download token allows: to download one blob under this file name and type."""

    organization_id: UUID
    key: str
    filename: str
    content_type: str


class BlobTokens:
    """Writes and reads the tokens; a token for an upload allows no download, and the reverse.

    Without a secret no token is written or accepted (Unavailable).
    """

    def __init__(self, secret: str | None, *, clock: Clock) -> None:
        self._clock = clock
        self._uploads = SignedTokens(secret, purpose="upload", longest=_LONGEST, clock=clock)
        self._downloads = SignedTokens(secret, purpose="download", longest=_LONGEST, clock=clock)

    def for_upload(
        self,
        organization_id: UUID,
        upload_id: UUID,
        *,
        size_bytes: int,
        content_type: str,
        lifetime: timedelta,
    ) -> str:
        """Return a token for one upload, valid from now for `lifetime`."""
        content = [str(organization_id), str(upload_id), size_bytes, content_type]
        return self._uploads.write(_packed(content), expires_at=self._end(lifetime))

    def for_download(
        self, organization_id: UUID, key: str, *, filename: str, content_type: str, lifetime: timedelta
    ) -> str:
        """Return a token for one download, valid from now for `lifetime`."""
        content = [str(organization_id), key, filename, content_type]
        return self._downloads.write(_packed(content), expires_at=self._end(lifetime))

    def read_upload(self, token: str) -> UploadPermit:
        """Return what a genuine upload token allows. Raises NotAuthenticated."""
        organization, upload, size_bytes, content_type = _unpacked(self._uploads.read(token))
        return UploadPermit(UUID(organization), UUID(upload), size_bytes, content_type)

    def read_download(self, token: str) -> DownloadPermit:
        """Return what a genuine download token allows. Raises NotAuthenticated."""
        organization, key, filename, content_type = _unpacked(self._downloads.read(token))
        return DownloadPermit(UUID(organization), key, filename, content_type)

    def _end(self, lifetime: timedelta) -> datetime:
        return self._clock.now() + lifetime


def _packed(content: list[Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _unpacked(content: bytes) -> list[Any]:
    # The signature was genuine, so a content of another shape was written by another release.
    values = json.loads(content)
    if not isinstance(values, list) or len(values) != 4:
        raise errors.NotAuthenticated("This link is not valid", reason=Reason.LINK_REFUSED)
    return values
