"""A blob is returned unchanged, and only to its own organization, by S3 and by a folder."""

import base64
import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from banxway import errors
from banxway.clock import SYSTEM_CLOCK
from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import MasterKeyWrapper, NoKeyWrapper
from banxway.storage.blobs.store import BlobStore, FolderBlobs, S3Blobs
from tests.support.product import moto_aws
from tests.support.product.moto_aws import shared_client

CONTENT = b"From: asha@example.com\r\n\r\ncanary"


@pytest.fixture
def s3() -> Any:
    return shared_client("s3")


@pytest.fixture
def bucket() -> Iterator[str]:
    with moto_aws.bucket(is_versioned=True) as name:
        yield name


@pytest.fixture
def new_envelope() -> Callable[[], Envelope]:
    key = base64.b64encode(os.urandom(32)).decode()
    return lambda: Envelope(MasterKeyWrapper(key), clock=SYSTEM_CLOCK)


@pytest.fixture
def folder(tmp_path: Path, new_envelope: Callable[[], Envelope]) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs", new_envelope)


@pytest.fixture(params=["s3", "folder"])
def store(request: pytest.FixtureRequest) -> BlobStore:
    if request.param == "folder":
        return request.getfixturevalue("folder")
    name = request.getfixturevalue("bucket")
    return S3Blobs(name, lambda: shared_client("s3"))


# What any store promises.


@pytest.mark.parametrize(
    "content", [b"", b"x", CONTENT, os.urandom(3_000_000)], ids=["empty", "byte", "mail", "3 MB"]
)
def test_what_was_put_comes_back(store: BlobStore, content: bytes) -> None:
    organization = uuid4()

    key = store.put(organization, content)

    assert key == f"{organization}/{hashlib.sha256(content).hexdigest()}"
    assert store.get(organization, key) == content


def test_putting_the_same_twice_keeps_one(store: BlobStore) -> None:
    organization = uuid4()

    assert store.put(organization, CONTENT) == store.put(organization, CONTENT)
    assert store.get(organization, store.put(organization, CONTENT)) == CONTENT


def test_another_organizations_key_looks_like_an_absent_one(store: BlobStore) -> None:
    owner, thief = uuid4(), uuid4()
    key = store.put(owner, CONTENT)

    with pytest.raises(errors.NotFound) as foreign:
        store.get(thief, key)
    with pytest.raises(errors.NotFound) as absent:
        store.get(thief, f"{thief}/{'0' * 64}")

    assert foreign.value.message == absent.value.message


def test_the_same_content_of_another_organization_is_another_blob(store: BlobStore) -> None:
    one, other = uuid4(), uuid4()
    key = store.put(one, CONTENT)

    with pytest.raises(errors.NotFound):
        store.get(other, key.replace(str(one), str(other)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "", lambda key: key.partition("/")[0], lambda key: key.partition("/")[2],
        lambda key: key + "0", lambda key: key[:-1], lambda key: key.upper(), lambda key: key + "\n",
        lambda key: key.partition("/")[0] + "/../_system/epoch", lambda key: "_system/epoch",
        lambda key: "/" + key, lambda key: key.replace("/", "//"), lambda key: key + "\0",
    ],
    ids=[
        "empty", "organization only", "digest only", "longer", "shorter", "capitals", "newline", "a way out",
        "the deployment's own", "absolute", "two slashes", "NUL",
    ],
)  # fmt: skip
def test_what_is_no_key_of_the_organization_is_not_found(
    store: BlobStore, spoil: Callable[[str], str]
) -> None:
    organization = uuid4()
    key = store.put(organization, CONTENT)
    store.write("epoch", b"7")

    with pytest.raises(errors.NotFound):
        store.get(organization, spoil(key))


def test_the_deployments_own_objects_are_replaced_as_a_whole(store: BlobStore) -> None:
    assert store.read("epoch") is None

    store.write("epoch", b"seven, which is longer")
    store.write("epoch", b"8")
    store.write("audit/heads.json", b"{}")

    assert store.read("epoch") == b"8"
    assert store.read("audit/heads.json") == b"{}"


@pytest.mark.parametrize(
    "name", ["", "/epoch", "../epoch", "a/../b", "a//b", "a/", ".hidden", "Epoch", "a b", "a\n"]
)
def test_a_name_that_could_leave_its_place_is_a_mistake_of_ours(store: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        store.write(name, b"x")
    with pytest.raises(ValueError, match="not a name"):
        store.read(name)


# S3.


def test_content_altered_in_the_bucket_is_noticed(s3: Any, bucket: str) -> None:
    organization, store = uuid4(), S3Blobs(bucket, lambda: s3)
    key = store.put(organization, CONTENT)
    s3.put_object(Bucket=bucket, Key=key, Body=CONTENT + b"!")

    with pytest.raises(errors.CorruptEnvelope):
        store.get(organization, key)


def test_putting_the_same_twice_makes_one_version(s3: Any, bucket: str) -> None:
    organization, store = uuid4(), S3Blobs(bucket, lambda: s3)

    store.put(organization, CONTENT)
    store.put(organization, CONTENT)

    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 1


class FailingS3:
    """An S3 client whose every call fails; the network edge."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def put_object(self, **_: object) -> object:
        raise self.failure

    def get_object(self, **_: object) -> object:
        raise self.failure


def _refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")


@pytest.mark.parametrize(
    "failure",
    [
        _refused("SlowDown"),
        _refused("InternalError"),
        _refused("AccessDenied"),
        _refused("NoSuchBucket"),
        _refused("ConditionalRequestConflict"),
        EndpointConnectionError(endpoint_url="https://s3"),
    ],
    ids=["slow down", "internal", "denied", "no bucket", "conflict", "no connection"],
)
def test_a_bucket_that_is_down_or_refuses_never_looks_empty(failure: Exception) -> None:
    organization = uuid4()
    store = S3Blobs("bucket", lambda: FailingS3(failure))  # type: ignore[arg-type,return-value]  # the edge

    for call in (
        lambda: store.put(organization, CONTENT),
        lambda: store.get(organization, f"{organization}/{'0' * 64}"),
        lambda: store.write("epoch", b"7"),
        lambda: store.read("epoch"),
    ):
        with pytest.raises(errors.Unavailable):
            call()


# A folder.


def _files_in(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_shows_nothing_of_its_content_and_only_to_its_owner(
    folder: FolderBlobs, tmp_path: Path
) -> None:
    folder.put(uuid4(), CONTENT)
    folder.write("epoch", CONTENT)

    files = _files_in(tmp_path)
    assert len(files) == 2
    assert not any(b"canary" in file.read_bytes() for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_file_copied_to_another_organization_does_not_open(folder: FolderBlobs, tmp_path: Path) -> None:
    one, other = uuid4(), uuid4()
    key, other_key = folder.put(one, CONTENT), folder.put(other, CONTENT)
    (tmp_path / "blobs" / other_key).write_bytes((tmp_path / "blobs" / key).read_bytes())

    with pytest.raises(errors.CorruptEnvelope):
        folder.get(other, other_key)


def test_a_file_renamed_within_its_organization_does_not_open(folder: FolderBlobs, tmp_path: Path) -> None:
    organization = uuid4()
    key, other_key = folder.put(organization, CONTENT), folder.put(organization, b"other")
    (tmp_path / "blobs" / other_key).write_bytes((tmp_path / "blobs" / key).read_bytes())

    with pytest.raises(errors.CorruptEnvelope):
        folder.get(organization, other_key)


def test_an_object_copied_over_another_of_the_deployment_does_not_open(
    folder: FolderBlobs, tmp_path: Path
) -> None:
    """Its name has no hash to check it by, so one audit trail's anchor must not be accepted as another's."""
    folder.write("audit-heads/one", b"{}")
    folder.write("audit-heads/other", b"{}")
    place = tmp_path / "blobs" / "_system" / "audit-heads"
    (place / "other").write_bytes((place / "one").read_bytes())

    assert folder.read("audit-heads/one") == b"{}"
    with pytest.raises(errors.CorruptEnvelope):
        folder.read("audit-heads/other")


@pytest.mark.parametrize(
    "spoil", [lambda c: c[:-1], lambda c: b"", lambda c: c + b"x", lambda c: bytes([c[0] ^ 1]) + c[1:]]
)
def test_a_damaged_file_is_an_error_and_never_other_content(
    folder: FolderBlobs, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    organization = uuid4()
    path = tmp_path / "blobs" / folder.put(organization, CONTENT)
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(errors.CorruptEnvelope):
        folder.get(organization, path.relative_to(tmp_path / "blobs").as_posix())

    folder.put(organization, CONTENT)
    assert folder.get(organization, path.relative_to(tmp_path / "blobs").as_posix()) == CONTENT


def test_a_folder_without_its_key_says_so(folder: FolderBlobs, tmp_path: Path) -> None:
    organization = uuid4()
    key = folder.put(organization, CONTENT)
    keyless = FolderBlobs(tmp_path / "blobs", lambda: Envelope(NoKeyWrapper(), clock=SYSTEM_CLOCK))

    with pytest.raises(errors.KeyMissing):
        keyless.get(organization, key)


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("epoch", b"7")
    before = _files_in(tmp_path)

    def disk_is_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_is_full)
    with pytest.raises(errors.Unavailable, match=r"not available \(No space left on device\)$"):
        folder.write("epoch", b"8")
    monkeypatch.undo()

    assert folder.read("epoch") == b"7"
    assert _files_in(tmp_path) == before


def test_a_folder_that_is_not_one_is_unavailable(
    tmp_path: Path, new_envelope: Callable[[], Envelope]
) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = FolderBlobs(tmp_path / "file", new_envelope)

    with pytest.raises(errors.Unavailable):
        store.put(UUID(int=1), CONTENT)
    with pytest.raises(errors.Unavailable):
        store.read("epoch")


def test_content_is_on_the_disk_before_its_name_is(
    folder: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("sync"), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda self, to: (steps.append("rename"), replace(self, to)))

    folder.put(uuid4(), CONTENT)

    assert steps == ["sync", "rename", "sync"]


# Re-wrapping.


@pytest.fixture
def rotating(tmp_path: Path) -> tuple[FolderBlobs, FolderBlobs, FolderBlobs]:
    """One folder, opened with the old key, with both keys, and with the new one."""
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    wrappers = (MasterKeyWrapper(old), MasterKeyWrapper(new, old), MasterKeyWrapper(new))
    return tuple(  # type: ignore[return-value]  # three of them
        FolderBlobs(tmp_path / "blobs", lambda each=each: Envelope(each, clock=SYSTEM_CLOCK))
        for each in wrappers
    )


def test_everything_in_the_folder_comes_under_the_new_key(
    rotating: tuple[FolderBlobs, FolderBlobs, FolderBlobs],
) -> None:
    old, both, new = rotating
    organization = uuid4()
    keys = [old.put(organization, each) for each in (CONTENT, b"", b"other")]
    old.put(uuid4(), b"somebody else's")
    old.write("epoch", b"7")
    old.write("audit-heads/x", b"{}")

    names = both.sealed_names(organization)
    moved = [both.rewrap(organization, name) for name in names]
    again = [both.rewrap(organization, name) for name in names]

    assert names == sorted([*keys, "_system/epoch", "_system/audit-heads/x"])
    assert (moved, again) == ([True] * 5, [False] * 5)
    assert new.get(organization, keys[0]) == CONTENT
    assert (new.read("epoch"), new.read("audit-heads/x")) == (b"7", b"{}")


def test_a_file_that_is_gone_meanwhile_is_no_failure(
    rotating: tuple[FolderBlobs, FolderBlobs, FolderBlobs], tmp_path: Path
) -> None:
    old, both, _ = rotating
    organization = uuid4()
    key = old.put(organization, CONTENT)
    (tmp_path / "blobs" / key).unlink()

    assert both.rewrap(organization, key) is False


def test_a_file_that_does_not_open_is_left_as_it_is(
    rotating: tuple[FolderBlobs, FolderBlobs, FolderBlobs], tmp_path: Path
) -> None:
    old, both, new = rotating
    organization = uuid4()
    path = tmp_path / "blobs" / old.put(organization, CONTENT)
    name = path.relative_to(tmp_path / "blobs").as_posix()

    with pytest.raises(errors.WrongKey):
        new.rewrap(organization, name)
    assert both.get(organization, name) == CONTENT
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(errors.CorruptEnvelope):
        both.rewrap(organization, name)


def test_an_object_that_is_replaced_meanwhile_keeps_its_new_content(
    rotating: tuple[FolderBlobs, FolderBlobs, FolderBlobs],
    monkeypatch: pytest.MonkeyPatch,
    started_until_it_waits: Callable[[threading.Thread], None],
) -> None:
    """Another process writes between the rotation's reading and writing: it must wait, or is overwritten."""
    old, both, new = rotating
    organization = uuid4()
    old.write("epoch", b"0")
    writer = threading.Thread(target=lambda: new.write("epoch", b"1"))
    read = both._read

    def read_and_be_overtaken(key: str) -> bytes | None:
        sealed = read(key)
        started_until_it_waits(writer)
        return sealed

    with monkeypatch.context() as patch:
        patch.setattr(both, "_read", read_and_be_overtaken)
        assert both.rewrap(organization, "_system/epoch")
    writer.join()

    assert new.read("epoch") == b"1"


def test_a_bucket_has_nothing_for_us_to_rewrap(s3: Any, bucket: str) -> None:
    organization, store = uuid4(), S3Blobs(bucket, lambda: s3)
    key = store.put(organization, CONTENT)

    assert store.sealed_names(organization) == []
    assert store.rewrap(organization, key) is False
