"""How many callbacks a worker applies a second, in sets, beside the same worker with one callback at a time.

One process, as one Lambda instance has it. It gets batches of the queue's items, and each item is one delivery report
that moves a message. The database is real and on this machine, so a round trip costs less than on AWS: the statements
are counted, too. The queue and the browsers are left out.

The reports of ten organizations come in turn, so a batch of ten has one of each. A send is counted for comparison.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil
from measuring import Figures, per_second, report, turns

from banxway.models.queue_items import CallbackReceived
from functions.webhooks.apply_callback.app import handler
from tests.support.databases.postgres import Organization, PostgresServer
from tests.support.databases.statements import recorded
from tests.support.product.app import apps_are_chosen, invoke
from tests.support.product.builders import Product, a_report, received
from tests.support.product.events import queue_event, queue_record

DELIVERED = 30002
ROUNDS, CALLBACKS = 8, 200
ONE_AT_A_TIME = 1
SIZES = (ONE_AT_A_TIME, 10, 100)
ORGANIZATIONS = {"one organization": 1, "ten organizations": 10}


class Cost(NamedTuple):
    """What applying all callbacks of a round took."""

    seconds: float
    client_s: float
    server_s: float


def callbacks(
    product: Product, companies: Sequence[tuple[Organization, Any]], number: int
) -> list[CallbackReceived]:
    """Add a message for each callback, and return reports that move them, the organizations in turn."""
    items = []
    for at in range(CALLBACKS):
        organization, thread = companies[at % len(companies)]
        sid = f"sid-{number}-{at}"
        message = product.add_message(organization, thread, status="accepted", provider_sid=sid)
        items.append(received(organization, a_report(sid, DELIVERED), about=message))
    return items


def apply(product: Product, items: Sequence[CallbackReceived], *, size: int) -> Cost:
    """Hand the items to the worker in batches of this size."""
    records = [queue_record(item.model_dump_json(), queue="webhook") for item in items]
    batches = [queue_event(records[at : at + size]) for at in range(0, len(records), size)]
    server_s, client_s, began = _server_s(product), time.process_time(), time.perf_counter()
    for batch in batches:
        if invoke(product.app, handler, batch) != {"batchItemFailures": []}:
            raise RuntimeError("not every callback was applied")
    seconds, client_s = time.perf_counter() - began, time.process_time() - client_s
    return Cost(seconds, client_s, _server_s(product) - server_s)


def _server_s(product: Product) -> float:
    """Return the processor time of the server's process behind the product's connection, in steps of 10 ms."""
    with product.app.infrastructure.database.system() as transaction:
        pid = transaction.single("SELECT pg_backend_pid() AS pid")["pid"]
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def statements_of(product: Product, items: Sequence[CallbackReceived], *, size: int) -> float:
    """Return the round trips for each callback."""
    records = [queue_record(item.model_dump_json(), queue="webhook") for item in items]
    sent = recorded(product.app)
    for at in range(0, len(records), size):
        invoke(product.app, handler, queue_event(records[at : at + size]))
    product.app.infrastructure.database.close()  # what is timed is not recorded
    return len(sent) / len(items)


def statements_of_send(product: Product, organization: Organization, thread: Any) -> int:
    """Return the round trips of one WhatsApp message from its claim to its recorded acceptance."""
    product.add_whatsapp(organization)
    message = product.add_message(organization, thread)
    sent = recorded(product.app)
    product.deliver(organization, message)
    if product.row(message)["status"] != "accepted":
        raise RuntimeError("the message was not sent")
    return len(sent)


@contextmanager
def running_product() -> Iterator[Product]:
    with (
        tempfile.TemporaryDirectory() as folder,
        PostgresServer.running() as server,
        server.database() as database,
        closing(Product(database, Path(folder))) as product,
        apps_are_chosen(),
    ):
        yield product


def measure(product: Product, companies: Sequence[tuple[Organization, Any]]) -> dict[int, list[Cost]]:
    found: dict[int, list[Cost]] = {size: [] for size in SIZES}
    for number, size in enumerate((*SIZES, *turns(SIZES, rounds=ROUNDS))):  # one more of each, to warm up
        items = callbacks(product, companies, number)
        product.database.rows("ANALYZE messages, message_events, webhook_events")
        found[size].append(apply(product, items, size=size))
    return {size: costs[1:] for size, costs in found.items()}


def show(title: str, found: dict[int, list[Cost]], counted: dict[int, float]) -> None:
    names = {size: "one at a time" if size == ONE_AT_A_TIME else f"batches of {size}" for size in SIZES}
    rates: Figures = {names[size]: [CALLBACKS / cost.seconds for cost in found[size]] for size in SIZES}
    baselines = {names[size]: [names[ONE_AT_A_TIME]] for size in SIZES[1:]}
    report(f"Callbacks applied, {title}", rates, baselines=baselines, shown=per_second)
    for size in SIZES:
        client, server = (
            median(getattr(cost, which) for cost in found[size]) / CALLBACKS * 1e6
            for which in ("client_s", "server_s")
        )
        print(
            f"  {names[size]:<20} {counted[size]:5.2f} round trips each, "
            f"{client:6.0f} µs of processor here, {server:6.0f} µs in Postgres"
        )


def main() -> None:
    with running_product() as product:
        for title, count in ORGANIZATIONS.items():
            companies = []
            for number in range(count):
                organization = product.database.add_organization(f"Company {number}")
                companies.append(
                    (organization, product.add_thread(organization, phone=f"+9198765{number:05}"))
                )
            found = measure(product, companies)
            counted = {
                size: statements_of(product, callbacks(product, companies, 1000 * count + size), size=size)
                for size in SIZES
            }
            show(title, found, counted)
        organization = product.database.add_organization("Sender")
        sent = statements_of_send(product, organization, product.add_thread(organization))
        print(f"\n  A send takes {sent} round trips. (load {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    main()
