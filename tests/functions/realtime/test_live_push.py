"""Forty real WebSockets at the local gateway, real pushes over HTTP, and 2,000 changes that are made meanwhile."""

from collections.abc import Iterator

import pytest

from banxway.storage.realtime import changes
from banxway.storage.realtime.changes import PendingChange
from tests.support.databases.postgres import Organization
from tests.support.databases.statements import recorded
from tests.support.product.app import Bundle
from tests.support.product.listening import listen, listeners_of, progress_of
from tests.support.running.live import LiveApi, frames_at, listening, live_api
from tests.support.timing.clocks import SleeplessClock
from tests.support.timing.database_times import let_tickets_live
from tests.support.timing.racing import Background, patient
from tests.support.timing.waiting import eventually

SOCKETS, TRANSACTIONS, EACH = 40, 100, 20
CHANGES = TRANSACTIONS * EACH


@pytest.fixture
def api(bundle: Bundle) -> Iterator[LiveApi]:
    """The local WebSocket API, to which the bundle pushes; no turn ends on a slow machine."""
    with live_api(bundle) as served:
        notifier = bundle.twin(clock=SleeplessClock())
        patient(notifier.app)
        notifier.app.infrastructure.frames = frames_at(served.url)
        bundle.app, kept = notifier.app, bundle.app
        yield served
        bundle.app = kept
        notifier.close()


def tickets(bundle: Bundle, organization: Organization, count: int) -> list[str]:
    made = [bundle.post("/api/v1/realtime/ticket", organization.agent).data["ticket"] for _ in range(count)]
    let_tickets_live(bundle.database)
    return made


def make_changes(process: Bundle, organization: Organization) -> None:
    """Commit changes in many transactions, and enqueue a notice after each, as services do."""
    patient(process.app)
    pending = [PendingChange("message.created", None, None)] * EACH
    for _ in range(TRANSACTIONS):
        with process.app.infrastructure.database.organization(organization.id) as transaction:
            changes.record_all(transaction, organization_id=organization.id, pending=pending)
        process.app.notices.notify(organization.id)


def is_up_to_date(bundle: Bundle, organization: Organization) -> bool:
    return progress_of(bundle.database, organization.id) == (CHANGES, CHANGES, False)


def test_forty_sockets_receive_one_frame_per_batch_in_order_while_changes_are_made(
    bundle: Bundle, organization: Organization, api: LiveApi
):
    addresses = api.addresses(tickets(bundle, organization, SOCKETS))
    with listening(addresses) as heard:
        statements = recorded(bundle.app)
        writer_process = bundle.twin()
        writer = Background(lambda: make_changes(writer_process, organization))
        while not writer.is_over:
            bundle.work("change")
        writer.result()
        bundle.work("change")
        eventually(lambda: all(numbers[-1:] == [CHANGES] for numbers in heard))
        writer_process.close()

    assert is_up_to_date(bundle, organization)
    batches = sum("FROM realtime_connections" in each for each in statements)
    assert all(numbers == sorted(set(numbers)) for numbers in heard)
    assert {len(numbers) for numbers in heard} == {batches}
    assert len(api.posted) == SOCKETS * batches
    # A batch is nine statements; a notice about what is pushed already is four.
    given = sum(each.startswith("BEGIN") for each in statements) - 2 * batches
    assert len(statements) == 9 * batches + 4 * given
    assert given <= TRANSACTIONS


@pytest.mark.parametrize("fault", ["forbidden", "reset", "hang", "gone"])
def test_one_connection_that_does_not_work_harms_no_other(
    bundle: Bundle, organization: Organization, api: LiveApi, fault: str
):
    actor = bundle.app.infrastructure.database.sign_in(str(organization.agent))
    addresses = api.addresses(tickets(bundle, organization, 10))
    with listening(addresses) as heard:
        names = listeners_of(bundle.database, organization.id)
        if fault == "gone":
            listen(bundle.database, actor, "never-was=")
        else:
            api.faults[names[0]] = fault
        for number in (1, 2):
            api.hangs_until = len(api.posted) + 9
            make_one_change(bundle, organization)
            bundle.work("change")
            works = 10 if fault == "gone" else 9
            eventually(lambda number=number, works=works: count_at(heard, number) == works)

        assert sorted(map(len, heard)) == ([2] * 10 if fault == "gone" else [0, *[2] * 9])
        assert listeners_of(bundle.database, organization.id) == names


def make_one_change(bundle: Bundle, organization: Organization) -> None:
    with bundle.app.infrastructure.database.organization(organization.id) as transaction:
        changes.record(transaction, organization_id=organization.id, kind="message.created")
    bundle.app.notices.notify(organization.id)


def count_at(heard: list[list[int]], number: int) -> int:
    return sum(numbers[-1:] == [number] for numbers in heard)
