"""Old entries are archived once, in a format that anybody can verify."""

import gzip
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from banxway.models.actors import Actor
from banxway.models.audit.archives import Archived
from banxway.services.audit.archive import AuditArchive, read_archive, read_manifest
from banxway.storage.audit import archives as audit_archives
from banxway.storage.audit import trail as audit
from banxway.storage.blobs.store import FolderBlobs
from tests.support.databases.postgres import Organization
from tests.support.databases.tampering import tamper
from tests.support.product.builders import Product
from tests.support.timing.clocks import TickingClock

OPERATIONS = Path(__file__).parents[4] / "docs" / "operations.md"
LATER = datetime(2126, 1, 1, tzinfo=UTC)


def write(product: Product, organization_id: UUID, entries: int) -> None:
    with product.app.infrastructure.database.organization(organization_id) as transaction:
        for number in range(entries):
            audit.append(
                transaction,
                organization_id=organization_id,
                action="integration.test",
                succeeded=True,
                details={"number": number, "note": "línea\nनमस्ते"},
            )


def archive(product: Product, *, at: datetime = LATER, step_s: float = 0) -> Archived:
    """Archive at a later time, in files of five lines; `step_s` seconds pass with each reading of the clock."""
    service = AuditArchive(
        product.app.infrastructure.database,
        blobs=lambda: product.app.infrastructure.blobs,
        clock=TickingClock(step_s, now=at),
        new_id=uuid4,
        lines=5,
    )
    return service.archive_old()


def stretches(product: Product) -> list[tuple[int, int]]:
    return [
        (row["first_sequence"], row["last_sequence"])
        for row in product.database.rows("SELECT * FROM audit_archives ORDER BY first_sequence")
    ]


@pytest.fixture
def written(product: Product, organization: Organization) -> Product:
    """A product with a trail of twelve entries."""
    write(product, organization.id, 12)
    return product


def test_old_entries_are_archived_and_stay_in_the_table(written: Product, organization: Organization) -> None:
    before = written.audit(organization)

    result = archive(written)

    assert result == Archived(entries=12, broken=0)
    assert stretches(written) == [(1, 5), (6, 10), (11, 12)]
    assert written.audit(organization) == before


def test_an_archive_says_all_that_an_entry_said(written: Product, organization: Organization) -> None:
    archive(written)

    manifest = read_manifest(written.app.infrastructure.blobs, organization.id)
    links = [
        link
        for stretch in manifest.archives
        for link in read_archive(written.app.infrastructure.blobs, organization.id, stretch)
    ]

    for link, row in zip(links, written.audit(organization), strict=True):
        assert UUID(link.id) == row["id"]
        assert json.loads(link.details) == row["details"]
        assert (link.sequence, link.action, link.hash) == (
            row["sequence"],
            row["action"],
            row["hash"],
        )


def test_entries_of_the_last_ninety_days_wait(written: Product) -> None:
    soon = datetime.now(UTC) + timedelta(days=89)

    assert archive(written, at=soon) == Archived(entries=0, broken=0)


def test_running_again_archives_nothing_twice(written: Product, organization: Organization) -> None:
    archive(written)
    manifest = read_manifest(written.app.infrastructure.blobs, organization.id)

    again = archive(written)
    write(written, organization.id, 3)
    further = archive(written)

    assert (again.entries, further.entries) == (0, 3)
    assert stretches(written) == [(1, 5), (6, 10), (11, 12), (13, 15)]
    assert read_manifest(written.app.infrastructure.blobs, organization.id).archives[:3] == manifest.archives


@pytest.mark.parametrize("fails", ["blob", "manifest", "row"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_was_interrupted_anywhere_goes_on(
    written: Product,
    organization: Organization,
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
    at: int,
) -> None:
    target = {
        "blob": (FolderBlobs, "put"),
        "manifest": (FolderBlobs, "write"),
        "row": (audit_archives, "add"),
    }
    holder, name = target[fails]
    real, calls = getattr(holder, name), iter(range(1, 100))

    def die_once(*given: object, **named: object) -> object:
        if next(calls) == at:
            raise KeyboardInterrupt
        return real(*given, **named)

    monkeypatch.setattr(holder, name, die_once)
    with pytest.raises(KeyboardInterrupt):
        archive(written)
    mid_way = written.app.audit.verification.verify(actor=admin)
    archive(written)

    assert mid_way.valid
    assert stretches(written) == [(1, 5), (6, 10), (11, 12)]
    assert len(read_manifest(written.app.infrastructure.blobs, organization.id).archives) == 3
    assert written.app.audit.verification.verify(actor=admin).valid


def test_each_organization_has_its_own(written: Product, organization: Organization) -> None:
    other = written.database.add_organization("Other")
    write(written, other.id, 2)

    archive(written)

    mine, others = (
        read_manifest(written.app.infrastructure.blobs, each.id) for each in (organization, other)
    )
    assert [each.last_sequence for each in mine.archives] == [5, 10, 12]
    assert [each.last_sequence for each in others.archives] == [2]


def test_a_broken_trail_is_not_archived_from_the_break_on(
    written: Product, organization: Organization
) -> None:
    other = written.database.add_organization("Other")
    write(written, other.id, 2)
    tamper(
        written.database,
        "UPDATE integration_audit_logs SET action = 'nothing'"
        f" WHERE sequence = 7 AND organization_id = '{organization.id}'",
    )

    assert archive(written) == Archived(entries=7, broken=1)
    assert sorted(stretches(written)) == [(1, 2), (1, 5)]


# Verifying.


def test_an_archived_entry_that_was_rewritten_with_all_after_it_is_found_at_its_row(
    written: Product, admin: Actor
) -> None:
    archive(written)
    tamper(
        written.database,
        "UPDATE integration_audit_logs SET action = 'nothing' WHERE sequence = 7",
        relink=True,
    )

    assert written.app.audit.verification.verify(actor=admin).first_bad_sequence == 7


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("UPDATE audit_archives SET last_hash = 'other' WHERE first_sequence = 6", 6),
        ("UPDATE audit_archives SET blob_key = 'other' WHERE first_sequence = 1", 1),
        ("DELETE FROM audit_archives WHERE first_sequence = 1", 1),
        ("UPDATE audit_archives SET first_sequence = 14 WHERE first_sequence = 11", 11),
    ],
    ids=["hash", "blob", "removed", "moved"],
)
def test_a_register_that_was_altered_is_found(
    written: Product, admin: Actor, change: str, first: int
) -> None:
    archive(written)
    tamper(written.database, change)

    found = written.app.audit.verification.verify(actor=admin)

    assert (found.valid, found.first_bad_sequence) == (False, first)


def test_an_archive_that_is_gone_or_another_is_found(
    written: Product, organization: Organization, admin: Actor
) -> None:
    archive(written)
    second = read_manifest(written.app.infrastructure.blobs, organization.id).archives[1]
    (written.folder / "blobs" / second.blob_key).unlink()

    found = written.app.audit.verification.verify(actor=admin)

    assert (found.valid, found.first_bad_sequence, found.checked) == (False, 6, 5)
    assert "archive of entries 6 to 10" in (found.reason or "")


# The recipe in docs/operations.md.


def _download(product: Product, organization: Organization, folder: Path) -> None:
    manifest = product.app.infrastructure.blobs.read(f"audit-archives/{organization.id}")
    assert manifest is not None
    (folder / "manifest.json").write_bytes(manifest)
    for each in json.loads(manifest)["archives"]:
        content = product.app.infrastructure.blobs.get(organization.id, each["blob_key"])
        (folder / each["blob_key"].split("/")[1]).write_bytes(content)


def _verify_by_the_recipe(folder: Path) -> "subprocess.CompletedProcess[str]":
    recipe = re.search(r"```python\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL)
    assert recipe is not None
    return subprocess.run(
        [sys.executable, "-c", recipe[1], str(folder)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def downloaded(written: Product, organization: Organization, tmp_path: Path) -> Path:
    """A folder with the manifest and the archives, as the recipe expects it."""
    archive(written)
    folder = tmp_path / "downloaded"
    folder.mkdir()
    _download(written, organization, folder)
    return folder


def test_the_documented_recipe_verifies_an_archive_without_the_product(
    written: Product, organization: Organization, downloaded: Path
) -> None:
    verified = _verify_by_the_recipe(downloaded)

    last = written.audit(organization)[-1]
    assert (verified.stderr, verified.stdout) == ("", f"12 {last['hash']}\n")


def test_the_documented_recipe_finds_an_altered_entry(downloaded: Path) -> None:
    manifest = json.loads((downloaded / "manifest.json").read_text())
    name = manifest["archives"][1]["blob_key"].split("/")[1]
    content = gzip.decompress((downloaded / name).read_bytes())
    (downloaded / name).write_bytes(
        gzip.compress(content.replace(b"integration.test", b"integration.rest", 1))
    )

    verified = _verify_by_the_recipe(downloaded)

    assert verified.returncode == 1
    assert "not the file that was archived" in verified.stderr


def test_archives_are_compressed_and_equal_runs_make_equal_files(written: Product) -> None:
    archive(written)
    files = sorted(path.name for path in (written.folder / "blobs").rglob("*") if len(path.name) == 64)
    written.database.rows("DELETE FROM audit_archives")

    archive(written)

    assert (
        sorted(path.name for path in (written.folder / "blobs").rglob("*") if len(path.name) == 64) == files
    )


def test_a_run_out_of_time_stops_between_two_archives(written: Product) -> None:
    assert archive(written, step_s=200).entries == 5
    assert archive(written).entries == 7
