"""The gateway's side of blob URLs keeps S3's contract: exactly what was announced, for as long as it was signed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.security.blob_tokens import BlobTokens
from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import MasterKeyWrapper
from banxway.settings import Settings
from banxway.storage.blobs.store import FolderBlobs
from banxway.storage.blobs.transfers import FolderTransfers
from tests.support.hostile.blob_gateway import gateway_of
from tests.support.timing.clocks import WrongClock

SECRET, KEY = "only tests sign blob URLs with this", "a" * 43 + "="
FILE = b"hello world"
MINUTE = timedelta(minutes=1)
ORGANIZATION = UUID("0b5a1f9c-2c1d-4f0e-8a58-3a2a5e0f7c01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blobs")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    settings = Settings(blob_folder=str(folder), webhook_secret=SECRET, encryption_master_key=KEY)
    with gateway_of(settings) as opened:
        yield opened


def _envelope() -> Envelope:
    return Envelope(MasterKeyWrapper(KEY), clock=SYSTEM_CLOCK)


def _upload(*, size: int = len(FILE), upload_id: UUID | None = None, ago: timedelta = timedelta()) -> str:
    tokens = BlobTokens(SECRET, clock=WrongClock(-ago))
    token = tokens.for_upload(
        ORGANIZATION, upload_id or uuid4(), size_bytes=size, content_type="text/plain", lifetime=MINUTE
    )
    return f"/local/blobs/{token}"


def _download(key: str) -> str:
    tokens = BlobTokens(SECRET, clock=SYSTEM_CLOCK)
    token = tokens.for_download(
        ORGANIZATION, key, filename="a.txt", content_type="text/plain", lifetime=MINUTE
    )
    return f"/local/blobs/{token}"


def _uploads(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("_uploads/*")}


def test_a_file_goes_in_as_announced(client: httpx.Client, folder: Path) -> None:
    upload_id = uuid4()

    answer = client.put(_upload(upload_id=upload_id), content=FILE, headers={"Content-Type": "text/plain"})

    transfers = FolderTransfers(
        folder, _envelope, tokens=BlobTokens(SECRET, clock=SYSTEM_CLOCK), base_url=lambda: ""
    )
    assert answer.status_code == 200
    assert transfers.uploaded(ORGANIZATION, upload_id, longest=100) == FILE


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (FILE + b"x", {"Content-Type": "text/plain"}, 403),
        (FILE[:-1], {"Content-Type": "text/plain"}, 403),
        (b"", {"Content-Type": "text/plain"}, 403),
        (FILE, {"Content-Type": "text/html"}, 403),
        (FILE, {}, 403),
    ],
    ids=["longer", "shorter", "empty", "another type", "no type"],
)
def test_anything_else_than_announced_is_refused_and_not_kept(
    client: httpx.Client, folder: Path, content: bytes, headers: dict[str, str], status: int
) -> None:
    before = _uploads(folder)

    answer = client.put(_upload(), content=content, headers=headers)

    assert answer.status_code == status
    assert "as announced" in answer.text
    assert _uploads(folder) == before


def test_a_body_without_a_length_is_refused(client: httpx.Client, folder: Path) -> None:
    before = _uploads(folder)

    answer = client.put(_upload(), content=iter([FILE]), headers={"Content-Type": "text/plain"})

    assert (answer.status_code, _uploads(folder)) == (403, before)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (lambda: _upload(ago=2 * MINUTE), "This link has expired: ask for another"),
        (lambda: _upload()[:-2] + "AA", "This link is not valid"),
        (lambda: "/local/blobs/anything", "This link is not valid"),
        (lambda: _download("0" * 64), "This link is not valid"),
    ],
    ids=["expired", "altered", "invented", "for downloading"],
)
def test_a_link_that_permits_no_upload_is_refused(client: httpx.Client, path, sentence: str) -> None:
    answer = client.put(path(), content=FILE, headers={"Content-Type": "text/plain"})

    assert (answer.status_code, answer.text) == (403, sentence)


def test_a_blob_comes_out_as_a_file_to_be_saved(client: httpx.Client, folder: Path) -> None:
    key = FolderBlobs(folder, _envelope).put(ORGANIZATION, FILE)

    answer = client.get(_download(key))

    assert (answer.status_code, answer.content) == (200, FILE)
    assert (
        dict(answer.headers).items()
        >= {
            "content-type": "text/plain; charset=utf-8",
            "content-disposition": 'attachment; filename="a.txt"',
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "private, no-store",
        }.items()
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (lambda: _download(f"{ORGANIZATION}/{'0' * 64}"), 404),
        (lambda: _download(f"{uuid4()}/{'0' * 64}"), 404),
        (lambda: _download(f"{ORGANIZATION}/../_system/epoch"), 404),
        (lambda: _upload(), 403),
        (lambda: "/local/blobs/anything", 403),
    ],
    ids=["absent", "another organization's", "a way out", "for uploading", "invented"],
)
def test_a_link_that_leads_to_no_blob_gives_nothing(client: httpx.Client, path, status: int) -> None:
    assert client.get(path()).status_code == status
