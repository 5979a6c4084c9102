"""The key changes while people send, customers write, and the worker that changes it is killed again and again."""

import base64
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from banxway.security.envelope import Envelope
from banxway.storage import key_rotations
from banxway.storage.blobs import FolderBlobs
from functions.maintenance.rotate_encryption.app import handler as rotate
from tests.support.app import Bundle, bundle_of
from tests.support.events import queue_event, queue_record
from tests.support.postgres import Organization, TestDatabase
from tests.support.stories import (
    add_mailbox,
    configure,
    customer_wrote,
    incoming,
    post_callback,
    whatsapp_body,
)
from tests.support.tables import everything_in
from tests.support.waiting import eventually

OLD_KEY, NEW_KEY = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
ROTATING = {"encryption_master_key": NEW_KEY, "encryption_previous_master_key": OLD_KEY}
TOKEN, PASSWORD = "canary-token-7d1f0c", "canary-password-93ab55"
MAIL = b"Subject: canary-mail-5c8e21\r\n\r\n"
BLOBS = 60
KILLED_ONE_IN = 8


class Killed(BaseException):
    """What SIGKILL would be: nothing catches it."""


class Company:
    """An organization that is set up under the old key, and what it does while the key changes."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.organization = bundle.database.add_organization()
        self.thread = customer_wrote(bundle, self.organization)
        # Twice, so that the former credentials retire in a table of their own.
        saved = configure(bundle, self.organization.admin, "exotel_whatsapp", api_token=TOKEN)
        self.callback_url = saved["callback_url"]
        configure(bundle, self.organization.admin, "exotel_phone", api_token=TOKEN)
        add_mailbox(bundle, self.organization.admin, smtp_password=PASSWORD, imap_password=PASSWORD)
        for number in range(BLOBS):
            bundle.app.blobs.put(self.organization.id, MAIL + str(number).encode())
        self.sent: list[int] = []
        self.received = 1
        self.failures: list[BaseException] = []

    def send(self, product: Bundle) -> None:
        answer = product.post(
            f"/api/v1/communications/threads/{self.thread}/messages",
            self.organization.agent,
            {"channel": "WHATSAPP", "content": "On its way"},
        )
        self.sent.append(answer.status)
        product.work("message")

    def receive(self, product: Bundle) -> None:
        body = whatsapp_body(incoming(f"Question {self.received}"))
        assert post_callback(product, self.callback_url, body).status == 200
        self.received += 1
        product.work("webhook")

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Send from two processes and receive in a third while the block runs."""
        stop = threading.Event()

        def keep(act: Callable[[Bundle], None]) -> None:
            product = self.bundle.twin(**ROTATING, send_wait_seconds=0.0)
            try:
                while not stop.is_set():
                    act(product)
            except BaseException as error:  # noqa: BLE001  # reported by the test's own thread
                self.failures.append(error)
            finally:
                product.close()

        threads = [threading.Thread(target=keep, args=(act,)) for act in (self.send, self.send, self.receive)]
        for each in threads:
            each.start()
        try:
            yield
        finally:
            stop.set()
            for each in threads:
                each.join()


@pytest.fixture
def company(test_database: TestDatabase, tmp_path: Path) -> Iterator[Company]:
    with bundle_of(test_database, tmp_path / "blobs", encryption_master_key=OLD_KEY) as bundle:
        yield Company(bundle)


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
        patch.setattr("banxway.services.rotation._AT_ONCE", 3)
        yield deaths


def rotate_to_the_end(company: Company) -> None:
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
    company: Company, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    old_id = company.bundle.app.envelope.current_key_id(company.organization.id)
    company.bundle.post("/api/v1/settings/encryption/rotate", company.organization.admin)

    with company.busy(), deadly(random.Random(seed)) as deaths:
        rotate_to_the_end(company)
        eventually(lambda: company.failures or (len(company.sent) >= 20 and company.received >= 10))

    after = company.bundle.twin(encryption_master_key=NEW_KEY)
    company.send(after)
    progress = after.get("/api/v1/settings/encryption/rotation", company.organization.admin).data
    after.close()
    logged = capsys.readouterr()

    assert company.failures == []
    assert len(deaths) > 5
    assert set(company.sent) <= {200, 201, 202}
    assert _outcomes(company) == {"accepted": len(company.sent), "received": company.received}
    assert (progress["unreadable"], progress["last_error"]) == (0, None)
    assert progress["finished_at"] is not None
    assert progress["rewrapped"] == progress["total"] > BLOBS
    stored, files = _stored(company), _files(company)
    assert [place for place, content in stored + files if old_id.encode() in content] == []
    waiting = str([company.bundle.queued(name) for name in ("message", "webhook", "change", "rotation")])
    for secret in (TOKEN, PASSWORD):
        assert [place for place, content in stored + files if secret.encode() in content] == []
        assert secret not in logged.out + logged.err + waiting
    assert [place for place, content in files if MAIL[:20] in content] == []


def _outcomes(company: Company) -> dict[str, int]:
    rows = company.bundle.database.rows("SELECT status, count(*) AS found FROM messages GROUP BY status")
    return {row["status"]: row["found"] for row in rows}


def _stored(company: Company) -> list[tuple[str, bytes]]:
    """Return the whole database as bytes, row by row, and once more with all that looks like base64 decoded."""
    found = []
    for table, line in everything_in(company.bundle.database):
        found.append((table, line.encode()))
        for text in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", line):
            whole = text[: len(text) - len(text) % 4]
            found.append((table, base64.b64decode(whole)))
    return found


def _files(company: Company) -> list[tuple[str, bytes]]:
    folder = Path(company.bundle.settings.require("blob_folder"))
    return [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]


def test_the_scan_for_the_old_key_would_find_it(company: Company, organization: Organization) -> None:
    """Before the rotation: what sees nothing afterwards must see something now."""
    old_id = company.bundle.app.envelope.current_key_id(company.organization.id).encode()

    assert {place for place, content in _stored(company) if old_id in content} == {
        "integration_credentials",
        "email_accounts",
        "retiring_credentials",
    }
    assert len([place for place, content in _files(company) if old_id in content]) >= BLOBS
