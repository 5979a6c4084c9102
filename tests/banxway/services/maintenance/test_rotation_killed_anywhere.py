"""The key is rotated while an agent sends and a customer writes, at whatever step the rotation's worker dies.

Every transaction and every replaced file is a step of the rotation. At each of them other processes send and receive;
then the worker dies there, and another one continues.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from functions.maintenance.rotate_encryption.app import handler as rotate
from tests.support.databases.postgres import TestDatabase
from tests.support.keys.envelopes import key_id_of
from tests.support.keys.key_change import MAIL, NEW_KEY, OLD_KEY, PASSWORD, ROTATING, TOKEN, ChangingCompany
from tests.support.product.app import Bundle, bundle_of
from tests.support.product.events import queue_event, queue_record
from tests.support.timing.clocks import SetClock
from tests.support.timing.failpoints import Failpoints
from tests.support.timing.kept_state import KeptState

BLOBS = 3
TABLES = {"integration_credentials": "id", "email_accounts": "id", "retiring_credentials": "integration_id"}
"""The tables of a rotation before the blobs, in this order, each with the column that names its rows."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banxway.services.maintenance.rotation._AT_ONCE", 2)


class Rotation:
    """A rotation that was started; `begin` restores that moment."""

    def __init__(self, company: ChangingCompany, kept: KeptState, beside: Bundle) -> None:
        self.company = company
        self._kept = kept
        self._beside = beside

    def begin(self) -> None:
        self._beside.close()
        self._kept.restore()
        self.company.sent.clear()
        self.company.received = 1

    def use(self) -> None:
        """Send and receive in another, warm process."""
        self.company.send(self._beside)
        self.company.receive(self._beside)

    def worker(self) -> Any:
        """A process whose time never runs out."""
        return closing(self.company.bundle.twin(clock=SetClock(), **ROTATING))

    def work(self, worker: Bundle) -> None:
        item = json.dumps({"organization_id": str(self.company.organization.id)})
        queue = worker.queue_url("rotation").rpartition("/")[2]
        answer = worker.call(rotate, queue_event([queue_record(item, queue=queue)]))
        assert answer == {"batchItemFailures": []}

    def steps(self, **observed: Any) -> list[str]:
        self.begin()
        with self.worker() as worker:
            return Failpoints.observe(worker.app, lambda: self.work(worker), **observed)

    def die_at(self, step: str) -> None:
        """Let a worker die at a step while others send and receive."""
        self.begin()
        with self.worker() as doomed, Failpoints.killing(doomed.app, step, elsewhere=self.use):
            self.work(doomed)

    def go_on(self) -> None:
        with self.worker() as worker:
            self.work(worker)

    def passed_over(self, old_id: str) -> list[str]:
        """Return what the rotation has passed and is still under the old key."""
        (row,) = self.company.bundle.database.rows("SELECT * FROM key_rotations")
        stages = (*TABLES, "blobs")
        at = stages.index(row["stage"]) if row["stage"] else -1
        found = []
        for number, stage in enumerate(stages):
            for name, key_id in self._sealed_in(stage):
                is_behind = number < at or (number == at and name <= row["done_through"])
                if key_id == old_id and (is_behind or row["pass"] > 1):
                    found.append(f"passed over: {stage} {name}")
        return found

    def _sealed_in(self, stage: str) -> list[tuple[str, str]]:
        """Return the names of what is sealed in a table, or in files, with their keys."""
        bundle = self.company.bundle
        if stage == "blobs":
            root = Path(bundle.settings.require("blob_folder"))
            sealed = {
                path.relative_to(root).as_posix(): base64.b64encode(path.read_bytes()).decode()
                for path in root.rglob("*")
                if path.is_file()
            }
        else:
            name = TABLES[stage]
            rows = bundle.database.rows(f"SELECT {name} AS id, credentials_encrypted AS sealed FROM {stage}")
            sealed = {str(row["id"]): row["sealed"] for row in rows}
        return [(name, key_id_of(each)) for name, each in sealed.items()]

    def wrong(self, old_id: str) -> list[str]:
        """Return what is wrong after the rotation."""
        company, found = self.company, []
        with closing(company.bundle.twin(encryption_master_key=NEW_KEY)) as after:
            company.send(after)
            done = after.get("/api/v1/settings/encryption/rotation", company.organization.admin).data
        if company.outcomes() != {"accepted": len(company.sent), "received": company.received}:
            found.append(f"sent {company.sent}, received {company.received}: {company.outcomes()}")
        if not done["finished_at"] or done["unreadable"] or done["rewrapped"] != done["total"]:
            found.append(f"progress {done}")
        found += [f"under the old key: {place}" for place in company.places_of(old_id)]
        for secret in (TOKEN, PASSWORD, MAIL[:20]):
            found += [f"{secret!r} in {place}" for place in company.places_of(secret)]
        actions = Counter(row["action"] for row in company.bundle.database.rows(_AUDITED))
        if actions["encryption.rotate"] != 1 or actions["encryption.rotated"] != 1:
            found.append(f"audited {actions}")
        return found


_AUDITED = "SELECT action FROM integration_audit_logs"


@pytest.fixture
def rotation(test_database: TestDatabase, tmp_path: Path) -> Iterator[Rotation]:
    folder = tmp_path / "blobs"
    with bundle_of(test_database, folder, encryption_master_key=OLD_KEY) as bundle:
        company = ChangingCompany(bundle, blobs=BLOBS)
        bundle.post("/api/v1/settings/encryption/rotate", company.organization.admin)
        bundle.close()
        with (
            closing(bundle.twin(**ROTATING, send_wait_seconds=0.0)) as beside,
            KeptState.of(test_database, folder) as kept,
        ):
            yield Rotation(company, kept, beside)


@pytest.fixture
def old_id(rotation: Rotation) -> str:
    found = rotation.company.bundle.app.infrastructure.envelope.current_key_id(
        rotation.company.organization.id
    )
    rotation.company.bundle.close()
    return found


def test_what_looks_for_the_old_key_would_find_it(rotation: Rotation, old_id: str) -> None:
    """The control: the check that must find nothing afterwards finds something before the rotation."""
    rotation.begin()

    places = rotation.company.places_of(old_id)

    assert {place for place in places if "_" in place} == {
        "integration_credentials",
        "email_accounts",
        "retiring_credentials",
    }
    assert len(places) >= 4 + BLOBS


def test_a_send_and_a_receipt_at_every_step_of_a_rotation_succeed(
    rotation: Rotation, old_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = rotation.steps(elsewhere=rotation.use)

    assert len(steps) > 40
    assert rotation.wrong(old_id) == []
    assert len(rotation.company.sent) == len(steps) + 1
    assert set(rotation.company.sent) <= {200, 201, 202}
    logged = capsys.readouterr()
    waiting = str(
        [
            rotation.company.bundle.queued(name)
            for name in ("message", "mail", "webhook", "change", "rotation")
        ]
    )
    for secret in (TOKEN, PASSWORD):
        assert secret not in logged.out + logged.err + waiting


def test_a_rotation_killed_at_any_step_goes_on_and_nothing_fails_of_it(
    rotation: Rotation, old_id: str
) -> None:
    wrong = {}
    for step in rotation.steps():
        rotation.die_at(step)
        found = rotation.passed_over(old_id)
        rotation.go_on()
        if found := found + rotation.wrong(old_id):
            wrong[step] = found

    assert wrong == {}
