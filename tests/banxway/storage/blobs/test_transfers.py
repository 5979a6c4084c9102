"""Uploads and downloads by URL: what a URL permits, for how long, and where the content is stored."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from banxway import errors
from banxway.app.clients import aws_client
from banxway.security.blob_tokens import BlobTokens
from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import MasterKeyWrapper
from banxway.storage.blobs.store import S3Blobs
from banxway.storage.blobs.transfers import BlobTransfers, FolderTransfers, S3Transfers
from tests.support.product import moto_aws
from tests.support.product.moto_aws import answered_by_moto
from tests.support.timing.clocks import SetClock

FIVE_MINUTES = timedelta(minutes=5)
LIMIT = 1000


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def folder(tmp_path: Path, clock: SetClock) -> FolderTransfers:
    envelope = Envelope(MasterKeyWrapper("a" * 43 + "="), clock=clock)
    tokens = BlobTokens("a secret", clock=clock)
    return FolderTransfers(
        tmp_path, lambda: envelope, tokens=tokens, base_url=lambda: "https://blobs.test", clock=clock
    )


@pytest.fixture(scope="module")
def s3() -> Any:
    """The product's own client, which signs the URLs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
            ("AWS_SESSION_TOKEN", "c"),
        ):
            patch.setenv(name, value)
        return answered_by_moto(aws_client("s3", region_name="ap-south-1"))


@pytest.fixture
def bucket() -> Iterator[str]:
    with moto_aws.bucket() as name:
        yield name


@pytest.fixture(params=["s3", "folder"])
def transfers(request: pytest.FixtureRequest) -> BlobTransfers:
    if request.param == "folder":
        made: FolderTransfers = request.getfixturevalue("folder")
        return made
    client = request.getfixturevalue("s3")
    return S3Transfers(request.getfixturevalue("bucket"), lambda: client)


def _keep(transfers: BlobTransfers, organization: Any, upload: Any, content: bytes) -> None:
    """Upload as the URL's holder would."""
    if isinstance(transfers, FolderTransfers):
        transfers.keep(organization, upload, content)
    else:
        assert isinstance(transfers, S3Transfers)
        client, bucket = transfers._s3(), transfers._bucket
        client.put_object(Bucket=bucket, Key=f"_uploads/{organization}/{upload}", Body=content)


def test_what_was_not_uploaded_is_not_there(transfers: BlobTransfers) -> None:
    assert transfers.uploaded(uuid4(), uuid4(), longest=LIMIT) is None
    assert transfers.uploaded_size(uuid4(), uuid4(), longest=LIMIT) is None


@pytest.mark.parametrize("content", [b"", b"x", os.urandom(LIMIT)], ids=["empty", "byte", "at the limit"])
def test_what_was_uploaded_comes_back_to_its_own_organization(
    transfers: BlobTransfers, content: bytes
) -> None:
    organization, upload = uuid4(), uuid4()
    _keep(transfers, organization, upload, content)

    assert transfers.uploaded(organization, upload, longest=LIMIT) == content
    assert transfers.uploaded(uuid4(), upload, longest=LIMIT) is None
    assert transfers.uploaded_size(organization, upload, longest=LIMIT) == len(content)
    assert transfers.uploaded_size(uuid4(), upload, longest=LIMIT) is None


def test_more_than_the_limit_is_refused(transfers: BlobTransfers) -> None:
    organization, upload = uuid4(), uuid4()
    _keep(transfers, organization, upload, b"x" * (LIMIT + 1))

    with pytest.raises(errors.TooLarge):
        transfers.uploaded(organization, upload, longest=LIMIT)
    with pytest.raises(errors.TooLarge):
        transfers.uploaded_size(organization, upload, longest=LIMIT)


def test_no_url_is_made_for_another_organizations_blob(transfers: BlobTransfers) -> None:
    with pytest.raises(errors.NotFound):
        transfers.download_url(
            uuid4(), f"{uuid4()}/{'0' * 64}", filename="a", content_type="text/plain", lifetime=FIVE_MINUTES
        )


# S3.


def test_an_upload_is_signed_for_its_length_its_type_and_its_place(s3: Any, bucket: str) -> None:
    organization, upload = uuid4(), uuid4()
    target = S3Transfers(bucket, lambda: s3).upload_target(
        organization, upload, size_bytes=4321, content_type="application/pdf", lifetime=FIVE_MINUTES
    )

    parts = urlsplit(target.url)
    signed = parse_qs(parts.query)
    assert (target.method, target.headers) == ("PUT", {"Content-Type": "application/pdf"})
    assert parts.netloc == f"{bucket}.s3.ap-south-1.amazonaws.com"
    assert parts.path == f"/_uploads/{organization}/{upload}"
    assert signed["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert signed["X-Amz-Expires"] == ["300"]
    assert signed["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_a_download_says_how_it_is_answered(s3: Any, bucket: str) -> None:
    organization = uuid4()
    key = S3Blobs(bucket, lambda: s3).put(organization, b"<svg onload=alert(1)>")
    url = S3Transfers(bucket, lambda: s3).download_url(
        organization, key, filename="é.svg", content_type="image/svg+xml", lifetime=FIVE_MINUTES
    )

    signed = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path == f"/{key}"
    assert signed["response-content-type"] == ["application/octet-stream"]
    assert signed["response-content-disposition"] == [
        "attachment; filename=\"_.svg\"; filename*=UTF-8''%C3%A9.svg"
    ]
    assert signed["response-cache-control"] == ["private, no-store"]
    assert signed["X-Amz-Expires"] == ["300"]


def test_a_bucket_that_refuses_is_not_an_empty_one(s3: Any) -> None:
    with pytest.raises(errors.Unavailable):
        S3Transfers("another-bucket", lambda: s3).uploaded(uuid4(), uuid4(), longest=LIMIT)
    with pytest.raises(errors.Unavailable):
        S3Transfers("another-bucket", lambda: s3).uploaded_size(uuid4(), uuid4(), longest=LIMIT)


# A folder.


def test_an_upload_altered_on_disk_is_noticed(folder: FolderTransfers, tmp_path: Path) -> None:
    organization, upload, other = uuid4(), uuid4(), uuid4()
    for each in (upload, other):
        folder.keep(organization, each, b"content")
    place = tmp_path / str(organization) / "_uploads"
    (place / str(upload)).write_bytes((place / str(other)).read_bytes())

    with pytest.raises(errors.CorruptEnvelope):
        folder.uploaded(organization, upload, longest=LIMIT)


def test_no_name_becomes_a_path(folder: FolderTransfers, tmp_path: Path) -> None:
    """The only names on disk are ids of ours: a client's name is in its row alone."""
    organization, upload = uuid4(), uuid4()
    folder.keep(organization, upload, b"content")

    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.relative_to(tmp_path).parts == (str(organization), "_uploads", str(upload))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_sweep_removes_what_is_old_and_nothing_else(
    folder: FolderTransfers, tmp_path: Path, clock: SetClock
) -> None:
    organization, old, young = uuid4(), uuid4(), uuid4()
    for each in (old, young):
        folder.keep(organization, each, b"content")
    (tmp_path / str(organization) / ("0" * 64)).write_bytes(b"a blob")
    for path in tmp_path.rglob("*"):
        age = timedelta(hours=23) if path.name == str(young) else timedelta(hours=25)
        written = (clock.now() - age).timestamp()
        os.utime(path, (written, written))

    removed = folder.sweep(older_than=timedelta(days=1))

    assert removed == 1
    assert folder.uploaded(organization, old, longest=LIMIT) is None
    assert folder.uploaded(organization, young, longest=LIMIT) == b"content"
    assert (tmp_path / str(organization) / ("0" * 64)).exists()
