"""A token is rotated while three workers send: no send fails of it, whichever token the provider takes.

tests/banxway/services/integrations/test_credential_slots.py lets it happen in the middle of one send.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.keys.gate import Gate, save
from tests.support.product.builders import Product
from tests.support.timing.waiting import PATIENCE_S

MESSAGES, WORKERS = 600, 3


@pytest.fixture
def product(test_database: TestDatabase, tmp_path: Path) -> Iterator[Product]:
    with closing(Product(test_database, tmp_path)) as product:
        yield product


@pytest.mark.parametrize("taken", ["new", "old"], ids=["the old one dies", "the new one is not taken yet"])
def test_a_token_is_rotated_under_load_and_no_send_fails_of_it(
    product: Product, organization: Organization, taken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = Gate(product, "old")
    product.app.infrastructure.providers = gate.providers()
    admin = product.actor(organization, "admin")
    save(product, admin, "old")
    product.app.messages.ledger_epoch.require_current()
    thread = product.add_thread(organization)
    waiting = [product.add_message(organization, thread) for _ in range(MESSAGES)]
    half_way = threading.Event()

    def work(worker: Product, messages: list[UUID]) -> None:
        worker.app.infrastructure.providers = gate.providers()
        for number, message in enumerate(messages):
            if number == len(messages) // 2:
                half_way.set()
            worker.deliver(organization, message)

    with ExitStack() as stack:
        workers = [stack.enter_context(closing(product.twin())) for _ in range(WORKERS)]
        threads = [
            threading.Thread(target=work, args=(worker, waiting[place::WORKERS]))
            for place, worker in enumerate(workers)
        ]
        for each in threads:
            each.start()
        half_way.wait(PATIENCE_S)
        gate.tokens = {"old", "new"}
        save(product, admin, "new")
        gate.tokens = {taken}
        for each in threads:
            each.join()

    rows = [product.row(message) for message in waiting]
    with capsys.disabled():
        print(f"{len(rows)} sends, asked with {gate.seen.count('old')} old and {gate.seen.count('new')} new")  # noqa: T201
    assert {row["status"] for row in rows} == {"accepted"}
    assert len(gate.whatsapp.sent) == len(waiting)
