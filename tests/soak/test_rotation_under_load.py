"""The key changes while people send, customers write, and the worker that changes it is killed at random.

tests/banxway/services/maintenance/test_rotation_killed_anywhere.py kills it at every step once, with one send and
one receipt.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from banxway.security.envelope import Envelope
from banxway.storage import maintenance as key_rotations
from banxway.storage.blobs.store import FolderBlobs
from functions.maintenance.rotate_encryption.app import handler as rotate
from tests.support.databases.postgres import TestDatabase
from tests.support.gates.chance import dice
from tests.support.keys.key_change import MAIL, NEW_KEY, OLD_KEY, PASSWORD, ROTATING, TOKEN, ChangingCompany
from tests.support.product.app import Bundle, bundle_of
from tests.support.product.events import queue_event, queue_record
from tests.support.timing.failpoints import Killed
from tests.support.timing.waiting import eventually

BLOBS = 60
KILLED_ONE_IN = 8


@pytest.fixture
def company(test_database: TestDatabase, tmp_path: Path) -> Iterator[ChangingCompany]:
    with bundle_of(test_database, tmp_path / "blobs", encryption_master_key=OLD_KEY) as bundle:
        yield ChangingCompany(bundle, blobs=BLOBS)


@contextmanager
def busy(company: ChangingCompany) -> Iterator[list[BaseException]]:
    """Send from two processes and receive in a third while the block runs; yields what went wrong."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def keep(act: Callable[[Bundle], None]) -> None:
        product = company.bundle.twin(**ROTATING, send_wait_seconds=0.0)
        try:
            while not stop.is_set():
                act(product)
        except BaseException as error:  # noqa: BLE001  # reported by the test's own thread
            failures.append(error)
        finally:
            product.close()

    acts = (company.send, company.send, company.receive)
    threads = [threading.Thread(target=keep, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    try:
        yield failures
    finally:
        stop.set()
        for each in threads:
            each.join()


@contextmanager
def deadly(chance: random.Random) -> Iterator[list[str]]:
    """Kill this thread at one step in eight, before or after it; yields the names of the fatal steps."""
    me, deaths = threading.get_ident(), list[str]()

    def guarded(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            fate = chance.randrange(2 * KILLED_ONE_IN) if threading.get_ident() == me else 2
            if fate < 2:
                deaths.append(name)
            if fate == 0:
                raise Killed
            result = real(*given, **named)
            if fate == 1:
                raise Killed
            return result

        return step

    steps = (
        (key_rotations, "begin"), (key_rotations, "envelopes"), (key_rotations, "replace_envelope"),
        (key_rotations, "advance"), (key_rotations, "enter_stage"), (key_rotations, "finish"),
        (Envelope, "rewrap"), (FolderBlobs, "rewrap"), (FolderBlobs, "_write"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for holder, name in steps:
            patch.setattr(holder, name, guarded(name, getattr(holder, name)))
        # Small batches, so that there are many places to die at.
        patch.setattr("banxway.services.maintenance.rotation._AT_ONCE", 3)
        yield deaths


def rotate_to_the_end(company: ChangingCompany) -> None:
    """Work the queue off with workers that die; what a dead one held comes back, as SQS brings it back."""
    queue = company.bundle.queue_url("rotation").rpartition("/")[2]
    items = company.bundle.queued("rotation")
    for _ in range(1000):
        worker = company.bundle.twin(**ROTATING)
        event = queue_event(
            [queue_record(f'{{"organization_id": "{items[0]["organization_id"]}"}}', queue=queue)]
        )
        try:
            assert worker.call(rotate, event) == {"batchItemFailures": []}
        except Killed:
            continue
        finally:
            # A dead process's connection closes, and the server rolls back.
            worker.close()
        items = company.bundle.queued("rotation")
        if not items:
            return
    raise AssertionError("the rotation never ends")


@pytest.mark.parametrize("seed", [1, 2])
def test_the_master_key_changes_under_load_without_a_failed_send_or_a_trace_of_the_old_key(
    company: ChangingCompany, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    old_id = company.bundle.app.infrastructure.envelope.current_key_id(company.organization.id)
    company.bundle.post("/api/v1/settings/encryption/rotate", company.organization.admin)

    with busy(company) as failures, deadly(dice(seed)) as deaths:
        rotate_to_the_end(company)
        eventually(lambda: failures or (len(company.sent) >= 20 and company.received >= 10))

    after = company.bundle.twin(encryption_master_key=NEW_KEY)
    company.send(after)
    progress = after.get("/api/v1/settings/encryption/rotation", company.organization.admin).data
    after.close()
    logged = capsys.readouterr()
    with capsys.disabled():
        print(f"{len(deaths)} kills, {len(company.sent)} sent, {company.received} received")  # noqa: T201

    assert failures == []
    assert deaths
    assert set(company.sent) <= {200, 201, 202}
    assert company.outcomes() == {"accepted": len(company.sent), "received": company.received}
    assert (progress["unreadable"], progress["last_error"]) == (0, None)
    assert progress["finished_at"] is not None
    assert progress["rewrapped"] == progress["total"] > BLOBS
    assert company.places_of(old_id) == []
    waiting = str(
        [company.bundle.queued(name) for name in ("message", "mail", "webhook", "change", "rotation")]
    )
    for secret in (TOKEN, PASSWORD):
        assert company.places_of(secret) == []
        assert secret not in logged.out + logged.err + waiting
    assert company.places_of(MAIL[:20]) == []
