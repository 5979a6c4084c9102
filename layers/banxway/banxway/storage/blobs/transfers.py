"""Content that browsers upload to the blob store and download from it directly, without a function between.

A function issues a URL that permits one request for a few minutes. An uploaded file is kept apart from the blobs,
under the id of its upload, until a message claims it; no file name from outside ever becomes a path.

    BlobTransfers     the protocol: upload_target · uploaded · uploaded_size · download_url · sweep
    S3Transfers       presigned URLs of the bucket, an origin of its own
    FolderTransfers   signed URLs of the local gateway (local/gateway/blobs.py)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

from banxway import errors
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.storage.blobs import files
from banxway.storage.blobs.downloads import disposition_of, served_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

    from banxway.security.blob_tokens import BlobTokens
    from banxway.security.envelope import Binding, Envelope

UPLOADS = "_uploads"
"""The bucket's prefix of unclaimed uploads; its lifecycle rule (template.yaml, BlobBucket) removes old ones."""

_PURPOSE = "blobs"


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """The one request that uploads a file; the store refuses it unless the size is exactly the announced one."""

    url: str
    method: Literal["PUT"]
    headers: dict[str, str]


class BlobTransfers(Protocol):
    """Issues URLs for uploads and downloads. Every method raises Unavailable when the store is down."""

    def upload_target(
        self,
        organization_id: UUID,
        upload_id: UUID,
        *,
        size_bytes: int,
        content_type: str,
        lifetime: timedelta,
    ) -> UploadTarget:
        """Return the request that uploads one file of exactly this size; it is valid for `lifetime`."""
        ...

    def uploaded(self, organization_id: UUID, upload_id: UUID, *, longest: int) -> bytes | None:
        """Return the uploaded content, None if nothing was uploaded. Raises TooLarge, before reading it."""
        ...

    def uploaded_size(self, organization_id: UUID, upload_id: UUID, *, longest: int) -> int | None:
        """Return how many bytes were uploaded, None if nothing was uploaded. Raises TooLarge above `longest`."""
        ...

    def download_url(
        self, organization_id: UUID, key: str, *, filename: str, content_type: str, lifetime: timedelta
    ) -> str:
        """Return the URL that downloads a blob as a file with this name, with a type that no browser runs."""
        ...

    def sweep(self, *, older_than: timedelta) -> int:
        """Remove the uploads older than this, and return how many were removed."""
        ...


class S3Transfers:
    """Presigned requests to the bucket (Signature Version 4, in the query)."""

    def __init__(self, bucket: str, client_factory: "Callable[[], S3Client]") -> None:
        self._bucket = bucket
        self._client_factory = client_factory
        self._client: S3Client | None = None

    def upload_target(
        self,
        organization_id: UUID,
        upload_id: UUID,
        *,
        size_bytes: int,
        content_type: str,
        lifetime: timedelta,
    ) -> UploadTarget:
        """Return a presigned PUT whose signature covers length and type: another length is refused with 403."""
        target = {"Bucket": self._bucket, "Key": _upload_key(organization_id, upload_id)}
        url = self._presigned(
            "put_object", {**target, "ContentLength": size_bytes, "ContentType": content_type}, lifetime
        )
        return UploadTarget(url, "PUT", {"Content-Type": content_type})

    def uploaded(self, organization_id: UUID, upload_id: UUID, *, longest: int) -> bytes | None:
        """Return the uploaded content."""
        from botocore.exceptions import BotoCoreError

        found = self._find(organization_id, upload_id, longest)
        try:
            return None if found is None else found["Body"].read()
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error

    def uploaded_size(self, organization_id: UUID, upload_id: UUID, *, longest: int) -> int | None:
        """Return how many bytes were uploaded, without reading them."""
        found = self._find(organization_id, upload_id, longest)
        if found is None:
            return None
        found["Body"].close()
        return found["ContentLength"]

    def download_url(
        self, organization_id: UUID, key: str, *, filename: str, content_type: str, lifetime: timedelta
    ) -> str:
        """Return a presigned GET whose response has the headers of a file to be saved."""
        _own(organization_id, key)
        wanted = {
            "ResponseContentDisposition": disposition_of(filename),
            "ResponseContentType": served_type(content_type),
            "ResponseCacheControl": "private, no-store",
        }
        return self._presigned("get_object", {"Bucket": self._bucket, "Key": key, **wanted}, lifetime)

    def sweep(self, *, older_than: timedelta) -> int:  # noqa: ARG002 -- the role's signature
        """Return 0: the bucket's lifecycle rule removes old uploads."""
        return 0

    def _find(self, organization_id: UUID, upload_id: UUID, longest: int) -> "GetObjectOutputTypeDef | None":
        """Return S3's answer with the upload, unread; None if there is none.

        HEAD would not distinguish an absent bucket from an absent object.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._s3().get_object(Bucket=self._bucket, Key=_upload_key(organization_id, upload_id))
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code != "NoSuchKey":
                raise _unavailable(code) from error
            return None
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error
        if answer["ContentLength"] > longest:
            answer["Body"].close()
            raise _too_large(longest)
        return answer

    def _presigned(self, operation: str, parameters: dict[str, Any], lifetime: timedelta) -> str:
        from botocore.exceptions import BotoCoreError

        try:
            return self._s3().generate_presigned_url(
                operation, Params=parameters, ExpiresIn=int(lifetime.total_seconds())
            )
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error

    def _s3(self) -> "S3Client":
        if self._client is None:
            self._client = self._client_factory()
        return self._client


class FolderTransfers:
    """Signed URLs of the gateway on this machine, and the encrypted files behind them."""

    def __init__(
        self,
        root: Path,
        envelope_factory: "Callable[[], Envelope]",
        *,
        tokens: "BlobTokens",
        base_url: Callable[[], str],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._root = root
        self._clock = clock
        self._envelope_factory = envelope_factory
        self._tokens = tokens
        self._base_url = base_url

    def upload_target(
        self,
        organization_id: UUID,
        upload_id: UUID,
        *,
        size_bytes: int,
        content_type: str,
        lifetime: timedelta,
    ) -> UploadTarget:
        """Return a PUT to the gateway, which enforces length and type as S3 does."""
        token = self._tokens.for_upload(
            organization_id, upload_id, size_bytes=size_bytes, content_type=content_type, lifetime=lifetime
        )
        return UploadTarget(f"{self._base_url()}/{token}", "PUT", {"Content-Type": content_type})

    def keep(self, organization_id: UUID, upload_id: UUID, content: bytes) -> None:
        """Store the content that the gateway received, encrypted; a later upload of the same id replaces it."""
        path = self._path(organization_id, upload_id)
        sealed = self._envelope_factory().seal(
            content, binding=_binding(organization_id, upload_id), purpose=_PURPOSE
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.replace(path, sealed)
        except OSError as error:
            raise _unavailable(type(error).__name__) from error

    def uploaded(self, organization_id: UUID, upload_id: UUID, *, longest: int) -> bytes | None:
        """Return the uploaded content."""
        path = self._path(organization_id, upload_id)
        try:
            # An envelope adds a few hundred bytes; the content is measured again below.
            if path.stat().st_size > longest + 10_000:
                raise _too_large(longest)
            sealed = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(type(error).__name__) from error
        content = self._envelope_factory().open(
            sealed, binding=_binding(organization_id, upload_id), purpose=_PURPOSE
        )
        if len(content) > longest:
            raise _too_large(longest)
        return content

    def uploaded_size(self, organization_id: UUID, upload_id: UUID, *, longest: int) -> int | None:
        """Return how many bytes were uploaded."""
        content = self.uploaded(organization_id, upload_id, longest=longest)
        return None if content is None else len(content)

    def download_url(
        self, organization_id: UUID, key: str, *, filename: str, content_type: str, lifetime: timedelta
    ) -> str:
        """Return a URL of the gateway, which answers a GET with the headers of a file to be saved."""
        _own(organization_id, key)
        token = self._tokens.for_download(
            organization_id, key, filename=filename, content_type=content_type, lifetime=lifetime
        )
        return f"{self._base_url()}/{token}"

    def sweep(self, *, older_than: timedelta) -> int:
        """Remove old uploads of all organizations; after a kill, the next sweep removes the rest."""
        before = self._clock.now().timestamp() - older_than.total_seconds()
        try:
            waiting = [path for path in self._root.glob(f"*/{UPLOADS}/*") if path.stat().st_mtime < before]
            for path in waiting:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(type(error).__name__) from error
        return len(waiting)

    def _path(self, organization_id: UUID, upload_id: UUID) -> Path:
        # Below the organization's folder, so that a key rotation finds it (FolderBlobs.sealed_names).
        return self._root / str(organization_id) / UPLOADS / str(upload_id)


def _upload_key(organization_id: UUID, upload_id: UUID) -> str:
    return f"{UPLOADS}/{organization_id}/{upload_id}"


def _binding(organization_id: UUID, upload_id: UUID) -> "Binding":
    from banxway.security.envelope import Binding

    return Binding(organization_id, "uploads", upload_id)


def _own(organization_id: UUID, key: str) -> None:
    if not key.startswith(f"{organization_id}/"):
        raise errors.NotFound("No such content")


def _too_large(longest: int) -> errors.TooLarge:
    return errors.TooLarge(f"The upload must not exceed {longest} bytes", limit_bytes=longest)


def _unavailable(reason: str) -> errors.Unavailable:
    return errors.Unavailable(f"The blob store is not available ({reason})")
