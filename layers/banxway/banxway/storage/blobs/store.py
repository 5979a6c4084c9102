"""Content too large for a row: raw mail and media, attachments, recordings, large webhooks.

A blob's key is its organization and its SHA-256. So the same content is stored once, and each reading is checked
against the hash. A few objects belong to the deployment itself; their names begin with `_system/`.

    BlobStore      the protocol: put · put_many · get · write · read · sealed_names · rewrap
    S3Blobs        a bucket, encrypted by the bucket's own default
    FolderBlobs    a folder on one machine, encrypted by the envelope
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from banxway import errors
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.storage.blobs import files

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

    from banxway.security.envelope import Binding, Envelope

_SYSTEM = "_system/"
_SYSTEM_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NOBODY = UUID(int=0)
_PURPOSE = "blobs"
_REQUESTS_AT_ONCE = 8


class BlobStore(Protocol):
    """Stores bytes. Every method raises Unavailable when the store is down."""

    def put(self, organization_id: UUID, content: bytes) -> str:
        """Store the content and return its key, "<organization>/<sha256>". Idempotent."""
        ...

    def put_many(self, organization_id: UUID, contents: Sequence[bytes]) -> list[str]:
        """Store several contents and return their keys, in the same order. All are durable when it returns."""
        ...

    def get(self, organization_id: UUID, key: str) -> bytes:
        """Return the content. Raises NotFound, also for another organization's key; CorruptEnvelope if altered."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Replace one of the deployment's own objects, as a whole or not at all."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return one of the deployment's own objects, or None if it was never written."""
        ...

    def sealed_names(self, organization_id: UUID) -> list[str]:
        """Return the names, sorted, of what our keys encrypt: the organization's blobs, the deployment's objects."""
        ...

    def rewrap(self, organization_id: UUID, name: str) -> bool:
        """Re-wrap one of these under the current key; False if it is already, or is gone.

        Raises a kind of DecryptionFailed if it cannot be opened.
        """
        ...


class S3Blobs:
    """Blobs in a bucket that encrypts by default (template.yaml, BlobBucket)."""

    def __init__(self, bucket: str, client_factory: "Callable[[], S3Client]") -> None:
        self._bucket = bucket
        self._client_factory = client_factory
        self._client: S3Client | None = None

    def put(self, organization_id: UUID, content: bytes) -> str:
        """Store the content once; an object that exists is not written again, so it gets no second version."""
        key = _key_of(organization_id, content)
        self._put(key, content, is_replaceable=False)
        return key

    def put_many(self, organization_id: UUID, contents: Sequence[bytes]) -> list[str]:
        """Store each content once, with several requests at a time."""
        from concurrent.futures import ThreadPoolExecutor

        self._s3()
        keyed = {_key_of(organization_id, content): content for content in contents}
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            list(pool.map(lambda key: self._put(key, keyed[key], is_replaceable=False), keyed))
        return [_key_of(organization_id, content) for content in contents]

    def get(self, organization_id: UUID, key: str) -> bytes:
        """Return the content, verified by its hash."""
        digest = _digest_in(organization_id, key)
        content = self._get(key)
        if content is None:
            raise _not_found()
        return _proven(content, digest)

    def write(self, name: str, content: bytes) -> None:
        """Replace the object."""
        self._put(_SYSTEM + _checked_name(name), content, is_replaceable=True)

    def read(self, name: str) -> bytes | None:
        """Return the object, or None."""
        return self._get(_SYSTEM + _checked_name(name))

    def sealed_names(self, organization_id: UUID) -> list[str]:  # noqa: ARG002 -- the role's signature
        """Return nothing: the bucket encrypts its objects and rotates its own keys."""
        return []

    def rewrap(self, organization_id: UUID, name: str) -> bool:  # noqa: ARG002 -- the role's signature
        """Return False: the bucket rotates its own keys."""
        return False

    def _put(self, key: str, content: bytes, *, is_replaceable: bool) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if is_replaceable:
                self._s3().put_object(Bucket=self._bucket, Key=key, Body=content)
            else:
                self._s3().put_object(Bucket=self._bucket, Key=key, Body=content, IfNoneMatch="*")
        except ClientError as error:
            if _code_of(error) != "PreconditionFailed":
                raise _unavailable(_code_of(error)) from error
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error

    def _get(self, key: str) -> bytes | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._s3().get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            # Without s3:ListBucket, S3 answers AccessDenied for an absent object, too. That does not count as
            # absent: a store that refuses us must not look empty.
            if _code_of(error) != "NoSuchKey":
                raise _unavailable(_code_of(error)) from error
            return None
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from error

    def _s3(self) -> "S3Client":
        self._client = self._client or self._client_factory()
        return self._client


class FolderBlobs:
    """Encrypted blobs in a folder that only this user can read; a kill leaves the old file or the new one."""

    def __init__(
        self, root: Path, envelope_factory: "Callable[[], Envelope]", *, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._root = root
        self._clock = clock
        self._envelope_factory = envelope_factory
        self._made: Envelope | None = None

    def put(self, organization_id: UUID, content: bytes) -> str:
        """Store the content. It is written each time, which also repairs a file whose key was lost."""
        key = _key_of(organization_id, content)
        self._write(key, self._envelope().seal(content, binding=_binding(key), purpose=_PURPOSE))
        return key

    def put_many(self, organization_id: UUID, contents: Sequence[bytes]) -> list[str]:
        """Store the contents with one flush of the disk; after a kill no row names those that are missing."""
        keys = [_key_of(organization_id, content) for content in contents]
        sealed = {
            key.partition("/")[2]: self._envelope().seal(content, binding=_binding(key), purpose=_PURPOSE)
            for key, content in dict(zip(keys, contents, strict=True)).items()
        }
        folder = self._root / str(organization_id)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.replace_all(folder, sealed)
        except OSError as error:
            raise _unavailable(files.cause_of(error)) from error
        return keys

    def get(self, organization_id: UUID, key: str) -> bytes:
        """Return the content, verified by its hash."""
        digest = _digest_in(organization_id, key)
        sealed = self._read(key)
        if sealed is None:
            raise _not_found()
        return _proven(self._envelope().open(sealed, binding=_binding(key), purpose=_PURPOSE), digest)

    def write(self, name: str, content: bytes) -> None:
        """Replace the object."""
        key = _SYSTEM + _checked_name(name)
        sealed = self._envelope().seal(content, binding=_binding(key), purpose=_PURPOSE)
        with self._locked():
            self._write(key, sealed)

    def read(self, name: str) -> bytes | None:
        """Return the object, or None."""
        key = _SYSTEM + _checked_name(name)
        sealed = self._read(key)
        if sealed is None:
            return None
        return self._envelope().open(sealed, binding=_binding(key), purpose=_PURPOSE)

    def sealed_names(self, organization_id: UUID) -> list[str]:
        """Return the names of the organization's files and the deployment's: every rotation includes the latter."""
        folders = (self._root / str(organization_id), self._root / _SYSTEM)
        found = [file for folder in folders for file in files.whole_files(folder, clock=self._clock)]
        return sorted(file.relative_to(self._root).as_posix() for file in found)

    def rewrap(self, organization_id: UUID, name: str) -> bool:
        """Replace the file; a concurrent reader sees the old one or the new one."""
        owner = _NOBODY if name.startswith(_SYSTEM) else organization_id
        with self._locked():
            sealed = self._read(name)
            if sealed is None:
                return False
            moved = self._envelope().rewrap_sealed(sealed, organization_id=owner, purpose=_PURPOSE)
            if moved is not None:
                self._write(name, moved)
        return moved is not None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes of this machine from replacing an object between our reading and our writing.

        `put` needs no lock: every writer of an organization's blob writes the same content.
        """
        with ExitStack() as stack:
            try:
                self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
                stack.enter_context(files.lock_folder(self._root))
            except OSError as error:
                raise _unavailable(files.cause_of(error)) from error
            yield

    def _write(self, key: str, sealed: bytes) -> None:
        path = self._root / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.replace(path, sealed)
        except OSError as error:
            raise _unavailable(files.cause_of(error)) from error

    def _read(self, key: str) -> bytes | None:
        try:
            return (self._root / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(files.cause_of(error)) from error

    def _envelope(self) -> "Envelope":
        self._made = self._made or self._envelope_factory()
        return self._made


def _key_of(organization_id: UUID, content: bytes) -> str:
    return f"{organization_id}/{hashlib.sha256(content).hexdigest()}"


def _digest_in(organization_id: UUID, key: str) -> str:
    prefix, _, digest = key.partition("/")
    if prefix != str(organization_id) or not _DIGEST.fullmatch(digest):
        raise _not_found()
    return digest


def _proven(content: bytes, digest: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != digest:
        raise errors.CorruptEnvelope("The stored content does not match its hash; restore it from a backup")
    return content


def _binding(key: str) -> "Binding":
    """Return what binds a file to its name and organization: moved to another one, it does not open."""
    from banxway.security.envelope import Binding

    owner = _NOBODY if key.startswith(_SYSTEM) else UUID(key.partition("/")[0])
    return Binding(owner, "blobs", UUID(bytes=hashlib.sha256(key.encode()).digest()[:16]))


def _checked_name(name: str) -> str:
    if not _SYSTEM_NAME.fullmatch(name):
        raise ValueError(f"not a name of a system object: {name!r}")
    return name


def _code_of(error: "ClientError") -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _not_found() -> errors.NotFound:
    return errors.NotFound("No such content")


def _unavailable(reason: str) -> errors.Unavailable:
    return errors.Unavailable(f"The blob store is not available ({reason})")
