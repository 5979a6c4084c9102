"""A rotation moves everything under the current key, whichever process is killed and whatever is saved meanwhile."""

import base64
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.errors import KeyMissing, Unavailable
from banxway.models.actors import Actor
from banxway.models.queue_items import RotationDue
from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import NoKeyWrapper
from banxway.services.maintenance.rotation import Rotation
from banxway.storage import email_accounts
from banxway.storage import maintenance as key_rotations
from banxway.storage.blobs.store import FolderBlobs
from banxway.storage.integrations import integrations
from tests.support.databases.postgres import Organization
from tests.support.keys.envelopes import key_id_of
from tests.support.product.builders import MASTER_KEY, Product
from tests.support.timing.clocks import TickingClock
from tests.support.timing.racing import all_at_once

NEW_KEY = base64.b64encode(b"n" * 32).decode()
TABLES = {"integration_credentials": "id", "email_accounts": "id", "retiring_credentials": "integration_id"}
Twin = Callable[..., Product]


def retire(product: Product, organization: Organization, integration: UUID) -> None:
    """Add an integration's former credentials, as they are until they retire."""
    sealed = product.app.integrations.credentials.seal(
        {"api_key": "former"},
        organization_id=organization.id,
        table="retiring_credentials",
        row_id=integration,
    )
    product.database.rows(
        """INSERT INTO retiring_credentials (organization_id, integration_id, credentials_encrypted, retires_at)
           VALUES (%s, %s, %s, %s)""",
        (organization.id, integration, sealed, datetime.now(UTC) + timedelta(hours=1)),
    )


@pytest.fixture
def filled(product: Product, organization: Organization) -> Product:
    """A product whose organization has sealed values everywhere: 2 + 3 + 1 rows, 4 blobs, 1 object."""
    retire(product, organization, product.add_whatsapp(organization))
    product._add_integration(organization, "exotel_phone", {})
    for number in range(3):
        product.add_mailbox(organization, f"support{number}@yourdomain.com")
    for number in range(4):
        product.app.infrastructure.blobs.put(organization.id, f"mail {number}".encode())
    product.app.infrastructure.blobs.write("ledger-epoch", b"7")
    return product


@pytest.fixture
def rotating(filled: Product, twin: Twin) -> Product:
    """The same deployment, with a new key and the old one as previous."""
    return twin(encryption_master_key=NEW_KEY, encryption_previous_master_key=MASTER_KEY)


def key_ids(product: Product) -> set[str]:
    """Return the id of every key that a stored value is wrapped under."""
    rows = [
        row["credentials_encrypted"]
        for table in TABLES
        for row in product.database.rows(f"SELECT credentials_encrypted FROM {table}")
    ]
    files = [path for path in (product.folder / "blobs").rglob("*") if path.is_file()]
    rows += [base64.b64encode(path.read_bytes()).decode() for path in files]
    return {key_id_of(row) for row in rows}


def current(product: Product) -> str:
    return product.app.infrastructure.envelope.current_key_id(uuid4())


def readable(product: Product, organization: Organization) -> int:
    """Open everything, as the product does; return how many values there are."""
    found = 0
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        for row in integrations.list_rows(transaction):
            product.app.integrations.credentials.open_exotel(row, organization_id=organization.id)
            found += 1
        for account_id in email_accounts.ids_by_address(transaction).values():
            product.app.integrations.credentials.open_imap(product.account(account_id))
            found += 1
    for path in (product.folder / "blobs" / str(organization.id)).glob("*"):
        product.app.infrastructure.blobs.get(organization.id, f"{organization.id}/{path.name}")
        found += 1
    assert product.app.infrastructure.blobs.read("ledger-epoch") == b"7"
    return found


def work_off(product: Product) -> int:
    """Let the worker run until its queue is empty; return how often it ran."""
    runs = 0
    while product.queues["rotation"].items:
        due = product.queues["rotation"].items.pop(0)
        product.app.maintenance.rotation.work(due.organization_id)
        runs += 1
        assert runs < 200
    return runs


def test_everything_comes_under_the_new_key_and_opens_without_the_old_one(
    rotating: Product, organization: Organization, admin: Actor, twin: Twin
) -> None:
    started = rotating.app.maintenance.rotation.start(actor=admin)
    before = key_ids(rotating)
    work_off(rotating)

    done = rotating.app.maintenance.rotation.progress(actor=admin)

    assert (started.finished_at, started.total) == (None, 0)
    assert len(before) == 1
    assert key_ids(rotating) == {current(rotating)} != before
    assert (done.total, done.rewrapped, done.unreadable, done.last_error) == (11, 11, 0, None)
    assert done.key_id == current(rotating)
    assert done.finished_at is not None
    assert readable(twin(encryption_master_key=NEW_KEY), organization) == 9
    assert [entry["action"] for entry in rotating.audit(organization)] == [
        "encryption.rotate",
        "encryption.rotated",
    ]


def test_to_an_admin_nothing_has_changed(rotating: Product, admin: Actor) -> None:
    stamps = (
        "SELECT id, updated_at FROM integration_credentials UNION SELECT id, updated_at FROM email_accounts"
    )
    before = {row["id"]: row["updated_at"] for row in rotating.database.rows(stamps)}

    rotating.app.maintenance.rotation.start(actor=admin)
    work_off(rotating)

    assert {row["id"]: row["updated_at"] for row in rotating.database.rows(stamps)} == before


def test_where_everything_is_under_the_current_key_nothing_is_written(filled: Product, admin: Actor) -> None:
    files = {path: path.stat().st_mtime_ns for path in (filled.folder / "blobs").rglob("*") if path.is_file()}

    filled.app.maintenance.rotation.start(actor=admin)
    work_off(filled)

    done = filled.app.maintenance.rotation.progress(actor=admin)
    assert (done.total, done.rewrapped) == (11, 11)
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_a_turn_that_runs_out_of_time_leaves_the_rest_to_the_next(
    rotating: Product, organization: Organization, admin: Actor
) -> None:
    slow = Rotation(
        rotating.app.infrastructure.database,
        envelope=lambda: rotating.app.infrastructure.envelope,
        blobs=lambda: rotating.app.infrastructure.blobs,
        enqueue=rotating.queues["rotation"],
        clock=TickingClock(20),
    )
    rotating.app.maintenance.rotation.start(actor=admin)
    rotating.queues["rotation"].clear()

    slow.work(organization.id)

    assert rotating.queues["rotation"].items == [RotationDue(organization_id=organization.id)]
    assert rotating.app.maintenance.rotation.progress(actor=admin).finished_at is None


@pytest.mark.parametrize("at", range(1, 24))
def test_a_worker_killed_anywhere_is_followed_by_one_that_goes_on(
    rotating: Product,
    organization: Organization,
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    """At every read, every re-wrapping, every write and every commit of the first pass, one after the other."""
    monkeypatch.setattr("banxway.services.maintenance.rotation._AT_ONCE", 2)
    steps = iter(range(1, 10_000))

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            if next(steps) == at:
                raise KeyboardInterrupt
            return real(*given, **named)

        return step

    for name in ("begin", "envelopes", "replace_envelope", "advance", "enter_stage", "finish"):
        monkeypatch.setattr(key_rotations, name, dying(getattr(key_rotations, name)))
    monkeypatch.setattr(FolderBlobs, "_write", dying(FolderBlobs._write))
    rotating.app.maintenance.rotation.start(actor=admin)

    with pytest.raises(KeyboardInterrupt):
        work_off(rotating)
    still_readable = readable(rotating, organization)
    rotating.app.maintenance.rotation.work(organization.id)
    work_off(rotating)

    done = rotating.app.maintenance.rotation.progress(actor=admin)
    assert still_readable == 9
    assert key_ids(rotating) == {current(rotating)}
    assert (done.total, done.rewrapped, done.unreadable) == (11, 11, 0)
    assert done.finished_at is not None


def test_what_is_saved_between_look_and_write_is_kept_and_seen_again(
    rotating: Product,
    filled: Product,
    organization: Organization,
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Saved by a process of the former release, under the old key: the next pass finds it."""
    real = Envelope.rewrap
    saved = []

    def save_meanwhile(self: Envelope, text: str, **named: Any) -> str | None:
        if not saved:
            (row,) = filled.database.rows(
                "SELECT id FROM integration_credentials WHERE credentials_encrypted = %s", (text,)
            )
            saved.append(
                filled.app.integrations.credentials.seal(
                    {"account_sid": "a", "api_key": "saved-meanwhile", "api_token": "t"},
                    organization_id=organization.id,
                    table="integration_credentials",
                    row_id=row["id"],
                )
            )
            filled.database.rows(
                "UPDATE integration_credentials SET credentials_encrypted = %s WHERE id = %s",
                (saved[0], row["id"]),
            )
        return real(self, text, **named)

    monkeypatch.setattr(Envelope, "rewrap", save_meanwhile)
    rotating.app.maintenance.rotation.start(actor=admin)
    work_off(rotating)

    assert key_ids(rotating) == {current(rotating)}
    with rotating.app.infrastructure.database.organization(organization.id) as transaction:
        rows = integrations.list_rows(transaction)
    keys = {
        rotating.app.integrations.credentials.open_exotel(row, organization_id=organization.id).api_key
        for row in rows
    }
    assert keys == {"key-of-acme", "saved-meanwhile"}
    # The saved value is none that this rotation has moved in its first pass.
    progress = rotating.app.maintenance.rotation.progress(actor=admin)
    assert (progress.total, progress.rewrapped) == (11, 10)


def test_what_does_not_open_is_counted_and_named_and_stops_nothing(
    rotating: Product, organization: Organization, admin: Actor, twin: Twin
) -> None:
    strange = twin(encryption_master_key=base64.b64encode(b"s" * 32).decode())
    lost = strange.add_mailbox(organization, "lost@yourdomain.com")
    cut = rotating.add_mailbox(organization, "cut@yourdomain.com", credentials_encrypted="bm90IG9uZQ==")
    blob = strange.app.infrastructure.blobs.put(organization.id, b"lost mail")

    rotating.app.maintenance.rotation.start(actor=admin)
    work_off(rotating)

    done = rotating.app.maintenance.rotation.progress(actor=admin)
    assert (done.total, done.rewrapped, done.unreadable) == (14, 11, 3)
    for count in ("total", "rewrapped", "unreadable"):
        assert sum(getattr(part, count) for part in done.parts) == getattr(done, count)
    assert [part.name for part in done.parts if part.unreadable]
    assert sorted(done.unreadable_rows) == sorted(
        [f"email_accounts {lost}", f"email_accounts {cut}", f"blobs {blob}"]
    )
    assert done.last_error is not None
    assert done.last_error.endswith("restore the original ENCRYPTION_MASTER_KEY")
    assert done.finished_at is not None
    assert rotating.audit(organization)[-1]["status"] == "failed"
    # What could not be opened is unchanged.
    assert strange.app.infrastructure.blobs.get(organization.id, blob) == b"lost mail"


def test_while_the_current_key_cannot_be_used_no_row_is_blamed_and_then_it_goes_on(
    rotating: Product, organization: Organization, admin: Actor
) -> None:
    working = rotating.app.infrastructure.envelope
    rotating.app.maintenance.rotation.start(actor=admin)
    rotating.queues["rotation"].clear()
    rotating.app.infrastructure.envelope = Envelope(NoKeyWrapper(), clock=SYSTEM_CLOCK)
    with pytest.raises(KeyMissing):
        rotating.app.maintenance.rotation.work(organization.id)
    stopped = rotating.app.maintenance.rotation.progress(actor=admin)
    rotating.app.infrastructure.envelope = working
    rotating.app.maintenance.rotation.work(organization.id)

    done = rotating.app.maintenance.rotation.progress(actor=admin)
    assert "no encryption key is set" in (stopped.last_error or "")
    assert (stopped.unreadable, stopped.finished_at) == (0, None)
    assert (done.rewrapped, done.unreadable, done.last_error) == (11, 0, None)


def test_workers_at_once_count_everything_once(
    rotating: Product, organization: Organization, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.maintenance.rotation._AT_ONCE", 1)
    beside = [
        rotating.twin(encryption_master_key=NEW_KEY, encryption_previous_master_key=MASTER_KEY) for _ in "abc"
    ]
    rotating.app.maintenance.rotation.start(actor=admin)
    rotating.queues["rotation"].clear()

    def work(product: Product) -> None:
        with closing(product):
            product.app.maintenance.rotation.work(organization.id)

    all_at_once([partial(work, product) for product in beside])
    rotating.app.maintenance.rotation.work(organization.id)

    done = rotating.app.maintenance.rotation.progress(actor=admin)
    assert (done.total, done.rewrapped, done.unreadable) == (11, 11, 0)
    assert done.finished_at is not None
    assert key_ids(rotating) == {current(rotating)}


def test_starting_again_goes_on_with_what_is_under_way(
    rotating: Product, organization: Organization, admin: Actor
) -> None:
    first = rotating.app.maintenance.rotation.start(actor=admin)
    second = rotating.app.maintenance.rotation.start(actor=admin)
    work_off(rotating)
    third = rotating.app.maintenance.rotation.start(actor=admin)

    assert second.started_at == first.started_at
    assert third.started_at is not None
    assert first.started_at is not None
    assert third.started_at > first.started_at
    assert (third.finished_at, third.rewrapped) == (None, 0)
    assert [entry["action"] for entry in rotating.audit(organization)].count("encryption.rotate") == 2


def test_a_key_that_changes_on_the_way_starts_from_the_front(
    rotating: Product, organization: Organization, admin: Actor, twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who rotates by hand changes the key again while a worker is at work."""
    monkeypatch.setattr("banxway.services.maintenance.rotation._AT_ONCE", 1)
    rotating.app.maintenance.rotation.start(actor=admin)
    # Time for three batches: reading the clock before each counts, too.
    rotating.app.maintenance.rotation._clock = TickingClock(*[0.0] * 4, 100.0)
    rotating.app.maintenance.rotation.work(organization.id)
    middle = rotating.app.maintenance.rotation.progress(actor=admin)
    # Both keys open: the old one as a third process still knows it.
    back = twin(encryption_master_key=MASTER_KEY, encryption_previous_master_key=NEW_KEY)
    back.app.maintenance.rotation.work(organization.id)
    work_off(back)

    done = back.app.maintenance.rotation.progress(actor=admin)
    assert (middle.finished_at, middle.key_id) == (None, current(rotating))
    assert 0 < middle.rewrapped < middle.total == 11
    assert key_ids(back) == {current(back)} != {current(rotating)}
    assert (done.key_id, done.total, done.rewrapped) == (current(back), 11, 11)


def test_a_stalled_rotation_is_woken_and_one_at_work_is_not(
    rotating: Product, organization: Organization, admin: Actor
) -> None:
    rotating.app.maintenance.rotation.start(actor=admin)
    rotating.queues["rotation"].clear()

    fresh = rotating.app.maintenance.rotation.wake_stalled()
    rotating.database.rows("UPDATE key_rotations SET progressed_at = now() - interval '10 minutes'")
    stalled = rotating.app.maintenance.rotation.wake_stalled()

    assert (fresh, stalled) == (0, 1)
    assert rotating.queues["rotation"].items == [RotationDue(organization_id=organization.id)]


def test_a_queue_that_is_down_does_not_lose_a_rotation(rotating: Product, admin: Actor) -> None:
    rotating.queues["rotation"].is_down = True

    started = rotating.app.maintenance.rotation.start(actor=admin)

    assert started.started_at is not None
    assert rotating.app.maintenance.rotation.progress(actor=admin).started_at == started.started_at


def test_a_database_that_breaks_leaves_the_item_to_the_queue(
    rotating: Product, organization: Organization, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotating.app.maintenance.rotation.start(actor=admin)

    def broken(*_: object, **__: object) -> None:
        raise Unavailable("The database does not answer; try again shortly")

    monkeypatch.setattr(key_rotations, "envelopes", broken)
    monkeypatch.setattr(key_rotations, "record_error", broken)
    with pytest.raises(Unavailable, match="does not answer"):
        rotating.app.maintenance.rotation.work(organization.id)


def test_an_organization_without_a_rotation_needs_no_work(
    product: Product, organization: Organization, admin: Actor
) -> None:
    product.app.maintenance.rotation.work(organization.id)

    assert product.app.maintenance.rotation.progress(actor=admin).model_dump() == {
        "started_at": None,
        "finished_at": None,
        "total": 0,
        "rewrapped": 0,
        "unreadable": 0,
        "unreadable_rows": [],
        "parts": [],
        "key_id": None,
        "last_error": None,
    }


def test_a_rotation_moves_nothing_of_another_organization(
    rotating: Product, filled: Product, organization: Organization, admin: Actor
) -> None:
    other = filled.database.add_organization("Other")
    filled.add_whatsapp(other)
    key = filled.app.infrastructure.blobs.put(other.id, b"theirs")
    rotating.app.maintenance.rotation.start(actor=admin)
    work_off(rotating)

    (row,) = filled.database.rows(
        "SELECT credentials_encrypted FROM integration_credentials WHERE organization_id = %s", (other.id,)
    )
    assert key_id_of(row["credentials_encrypted"]) == current(filled)
    assert filled.app.infrastructure.blobs.get(other.id, key) == b"theirs"


def test_all_organizations_can_be_started_at_once(
    rotating: Product, filled: Product, organization: Organization, admin: Actor
) -> None:
    other = filled.database.add_organization("Other")
    filled.add_whatsapp(other)
    empty = filled.database.add_organization("Without anything")
    for each in (organization, other):
        _configured(filled, each)

    answer = rotating.app.maintenance.rotation.start_everywhere()
    again = rotating.app.maintenance.rotation.start_everywhere()
    work_off(rotating)

    assert answer == again == {"organizations": 2}
    assert key_ids(rotating) == {current(rotating)}
    assert rotating.database.rows("SELECT 1 FROM key_rotations WHERE organization_id = %s", (empty.id,)) == []


def _configured(product: Product, organization: Organization) -> None:
    """Leave the audit entry that saving an integration leaves."""
    from banxway.storage.audit import trail as audit

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        audit.append(
            transaction,
            organization_id=organization.id,
            action="integration.configure",
            succeeded=True,
            details={},
        )


def test_half_written_files_of_a_killed_writer_go_with_the_old_key(
    rotating: Product, organization: Organization, admin: Actor, tmp_path: Path
) -> None:
    folder = rotating.folder / "blobs" / str(organization.id)
    (folder / ".incomplete-x").write_bytes(next(folder.glob("*")).read_bytes())
    os.utime(folder / ".incomplete-x", (1, 1))

    rotating.app.maintenance.rotation.start(actor=admin)
    work_off(rotating)

    assert key_ids(rotating) == {current(rotating)}
