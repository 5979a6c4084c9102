"""Ten thousand messages are sent, delivered, swept and reported on by processes that die all the time.

Agents write mails and WhatsApp messages and ask again when their process dies; workers deliver what the queue names,
once or more; a sweeper sets going again what they leave behind; reports come early, late, twice and in any order;
and people send again what failed. In the end nothing is lost, nothing has arrived twice, no status has gone
backwards, and every listener has heard of every change.
"""

import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.models.messages.messages import IdempotencyKey, RetryOfMessage
from banxway.models.messages.statuses import MessageStatus, strongest
from banxway.models.queue_items import CallbackReceived, ChangesDue, MailDue, MessageDue
from banxway.services.maintenance import sweep as maintenance
from banxway.services.messages import deliver as delivery
from tests.support.databases.postgres import PostgresServer
from tests.support.gates.chance import dice, in_soak
from tests.support.ledger.ledger_watch import LedgerWatch
from tests.support.ledger.sending_steps import Mortal
from tests.support.ledger.takers import Takers
from tests.support.ledger.written_messages import a_text, an_email
from tests.support.product.builders import Product, a_report, received
from tests.support.product.scripts import refused
from tests.support.timing.failpoints import Killed
from tests.support.timing.racing import patient
from tests.support.timing.waiting import eventually

SENDS = in_soak(10_000, else_=400)
THREADS = 60
SENDERS, DELIVERERS, SWEEPERS, APPLIERS, PEOPLE, PUSHERS = 2, 3, 1, 2, 1, 1
LONGEST_LIFE = 60
"""Steps; each has a moment before and one after it: a delivery takes eight of them, a request ten."""

REPORTS = {"sent": 30001, "delivered": 30002, "read": 30003, "failed": 30012}


class AtLeastOnce:
    """A queue in no order, which delivers some items twice and all that were not finished again."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._items: list[Any] = []
        self._condition = threading.Condition()
        self.unfinished = 0

    def put(self, item: Any, delay_s: int = 0) -> None:
        with self._condition:
            self._items += [item] * (2 if self._chance.random() < 0.1 else 1)
            self._condition.notify()

    @contextmanager
    def take(self) -> Iterator[Any]:
        """Hand out an item, or None after a moment without any; back it goes if its taker dies."""
        with self._condition:
            if not self._items:
                self._condition.wait(0.05)  # nothing comes: its taker has other work, too
            item = self._items.pop(self._chance.randrange(len(self._items))) if self._items else None
            self.unfinished += item is not None
        try:
            yield item
        except BaseException:
            if item is not None:
                self.put(item)
            raise
        finally:
            with self._condition:
                self.unfinished -= item is not None

    def is_empty(self) -> bool:
        with self._condition:
            return not self._items and not self.unfinished


class Crowd:
    """One deployment with many processes; each dies at some time, until `lives_on`."""

    def __init__(self, product: Product) -> None:
        self.chance = dice(11)
        self.product = product
        self.watch = LedgerWatch(product.database)
        self.organization = product.database.add_organization()
        self.agent = product.actor(self.organization)
        self.messages, self.changes, self.callbacks = (AtLeastOnce(self._another_dice()) for _ in range(3))
        self.takers = Takers()
        self.reports: dict[UUID, list[str]] = {}
        self.named: set[UUID] = set()
        self.deaths: Counter[str] = Counter()
        self.is_over = threading.Event()
        self.lives_on = False
        self._lock = threading.Lock()
        self._provider_chance = self._another_dice()
        self._set_up()

    def _another_dice(self) -> random.Random:
        return random.Random(self.chance.getrandbits(64))

    def _set_up(self) -> None:
        self.integration = self.product.add_whatsapp(self.organization)
        self.accounts = [
            self.product.add_mailbox(self.organization, f"desk{number}@yourdomain.com") for number in range(2)
        ]
        self.threads = []
        for number in range(THREADS):
            phone, email = f"+9198{number:08d}", f"customer{number}@example.org"
            self.threads.append(self.product.add_thread(self.organization, phone=phone, email=email))
            self.product.add_inbound(self.organization, self.threads[-1], sender=phone)
        self.takers.refuse = self._refusal
        self.takers.lose_answer = self._loss
        self.takers.on_whatsapp = self._report

    # ── the provider ─────────────────────────────────────────────────────────────────────────

    def _roll(self) -> float:
        with self._lock:
            return self._provider_chance.random()

    def _refusal(self, _: UUID) -> BaseException | None:
        chance = self._roll()
        kinds = (
            (0.04, errors.ProviderThrottled),
            (0.06, errors.ProviderUnavailable),
            (0.08, errors.ProviderRejected),
            (0.09, errors.OutcomeUnknown),
        )
        return next((refused(kind) for below, kind in kinds if chance < below), None)

    def _loss(self, _: UUID) -> BaseException | None:
        return refused(errors.OutcomeUnknown) if self._roll() < 0.03 else None

    def _report(self, message: UUID) -> None:
        """Report on a message that was taken, before or after the answer arrives, each report on its own."""
        with self._lock:
            said = self._provider_chance.choice(
                [["sent", "delivered", "read"], ["sent", "delivered"], ["sent"], ["sent", "failed"], []]
            )
            self._provider_chance.shuffle(said)
            is_named = [self._provider_chance.random() < 0.8 for _ in said]
        self.reports[message] = said
        if any(is_named):
            self.named.add(message)
        for status, names in zip(said, is_named, strict=True):
            report = a_report(f"sid-of-{message}", REPORTS[status])
            where = {"about": message} if names else {"integration": self.integration}
            self.callbacks.put(received(self.organization, report, **where))

    # ── processes ────────────────────────────────────────────────────────────────────────────

    def run(self, work: Callable[[Product, random.Random], bool]) -> None:
        """Let one process after the other do its work, until it says that there is no more."""
        chance = self._another_dice()
        goes_on = True
        while goes_on:
            with closing(self.product.twin()) as process:
                self._connect(process)
                mortal = Mortal(process.app, lives_for=10**9 if self.lives_on else self._life(chance))
                leases = _leases_of(process)
                try:
                    while goes_on:
                        goes_on = work(process, chance)
                except Killed:
                    with self._lock:
                        self.deaths[mortal.died_at or "?"] += 1
            # As the lease would end, had anybody the time to wait for it.
            if not goes_on or not leases:
                continue
            self.product.database.rows(
                "UPDATE messages SET lease_until = now() - interval '1 second'"
                " WHERE lease_id = %s AND status = 'sending'",
                (leases[-1],),
            )

    def _life(self, chance: random.Random) -> int:
        return chance.randint(1, LONGEST_LIFE)

    def _connect(self, process: Product) -> None:
        self.takers.connect(process.app)
        patient(process.app)
        process.queues.update(
            message=lambda due, delay_s: self.messages.put(due),
            change=lambda due, delay_s: self.changes.put(due),
        )

    def is_quiet(self) -> bool:
        """Return whether nothing is on its way any more."""
        rows = self.product.database.rows(
            "SELECT 1 AS one FROM messages WHERE status IN ('queued', 'sending') LIMIT 1"
        )
        return not rows and all(each.is_empty() for each in (self.messages, self.callbacks, self.changes))


def _leases_of(process: Product) -> list[UUID]:
    """Record the leases that a process takes."""
    taken: list[UUID] = []

    def new_id() -> UUID:
        taken.append(uuid4())
        return taken[-1]

    process.app.messages.deliver._new_id = new_id
    return taken


# What each process does.


def _writes(crowd: Crowd, orders: list[IdempotencyKey]) -> Callable[[Product, random.Random], bool]:
    def work(process: Product, chance: random.Random) -> bool:
        if not orders:
            return False
        # Taken off the list once it is answered: else it is asked for again, with the same key.
        once = orders[-1]
        number = int(once.key)
        thread = crowd.threads[number % len(crowd.threads)]
        account = crowd.accounts[number % len(crowd.accounts)]
        content = an_email(email_account_id=account) if number % 2 else a_text()
        with suppress(errors.ProviderRejected, errors.OutcomeUnknown):
            process.app.messages.send.send(actor=crowd.agent, thread_id=thread, content=content, once=once)
        orders.pop()
        return True

    return work


def _delivers(crowd: Crowd) -> Callable[[Product, random.Random], bool]:
    def work(process: Product, chance: random.Random) -> bool:
        with crowd.messages.take() as due:
            if isinstance(due, MessageDue | MailDue):
                process.app.messages.deliver.deliver(
                    organization_id=due.organization_id, message_id=due.message_id
                )
        return not crowd.is_over.is_set()

    return work


def _applies(crowd: Crowd) -> Callable[[Product, random.Random], bool]:
    def work(process: Product, chance: random.Random) -> bool:
        with crowd.callbacks.take() as item:
            if isinstance(item, CallbackReceived):
                process.apply(item)
        return not crowd.is_over.is_set()

    return work


def _pushes(crowd: Crowd) -> Callable[[Product, random.Random], bool]:
    def work(process: Product, chance: random.Random) -> bool:
        with crowd.changes.take() as item:
            if isinstance(item, ChangesDue):
                process.app.pushes.push(organization_id=item.organization_id)
        return not crowd.is_over.is_set()

    return work


def _sweeps(crowd: Crowd) -> Callable[[Product, random.Random], bool]:
    def work(process: Product, chance: random.Random) -> bool:
        process.app.maintenance.sweep.sweep()
        return not crowd.is_over.wait(0.2)  # nothing comes: the pause of a timer

    return work


def _sends_again(crowd: Crowd) -> Callable[[Product, random.Random], bool]:
    """Look for what failed before anybody got it, and for what is unknown and has reached nobody."""
    wanted = """SELECT id, status FROM messages WHERE direction = 'outbound'
                AND (status = 'unknown' OR (status = 'failed' AND took_nothing)) ORDER BY random() LIMIT 20"""

    def work(process: Product, chance: random.Random) -> bool:
        for row in crowd.product.database.rows(wanted):
            # Half of them; and only what the recipient has not got.
            if crowd.takers.taken[row["id"]] or chance.random() < 0.5:
                continue
            wish = RetryOfMessage(confirm_not_delivered=row["status"] == "unknown")
            once = IdempotencyKey(key=uuid4().hex, route="POST /retry")
            with suppress(errors.BanxwayError):
                process.app.messages.send.retry(actor=crowd.agent, message_id=row["id"], wish=wish, once=once)
        return not crowd.is_over.wait(0.3)  # nothing comes: the pause of an agent

    return work


@pytest.fixture
def crowd(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    """Nobody waits here: what was put back is due at once, and the sweeper takes whatever is due."""
    monkeypatch.setattr(delivery.Delivery, "_delay_after", lambda self, message, retry_after_s: 0.0)
    monkeypatch.setattr(maintenance, "_WAITING_S", 0)
    with postgres.database() as database, closing(Product(database, tmp_path)) as product:
        yield Crowd(product)


@pytest.mark.timeout(7200)
def test_ten_thousand_sends_under_kills_lose_nothing_and_reach_nobody_twice(crowd: Crowd) -> None:
    _listen(crowd)
    orders = [
        [IdempotencyKey(key=str(number), route="POST /send") for number in range(first, SENDS, SENDERS)]
        for first in range(SENDERS)
    ]
    roles = [(_delivers, DELIVERERS), (_applies, APPLIERS), (_sweeps, SWEEPERS), (_pushes, PUSHERS)]
    with ThreadPoolExecutor(SENDERS + PEOPLE + sum(count for _, count in roles)) as pool:
        try:
            senders = [pool.submit(crowd.run, _writes(crowd, mine)) for mine in orders]
            workers = [pool.submit(crowd.run, role(crowd)) for role, count in roles for _ in range(count)]
            people = [pool.submit(crowd.run, _sends_again(crowd)) for _ in range(PEOPLE)]
            _result_of(senders)
            # From now on nobody dies, and nobody wishes for anything: what is left comes to its end.
            crowd.lives_on = True
            crowd.is_over.set()
            _result_of([*workers, *people])
        finally:
            crowd.is_over.set()
    _let_it_end(crowd)

    sys.stdout.write(_figures(crowd))
    rows = crowd.product.database.rows(
        "SELECT id, status, channel FROM messages WHERE direction = 'outbound'"
    )
    assert len(rows) == SENDS
    assert crowd.watch.problems(crowd.takers.taken) == []
    assert _misreported(crowd, rows) == []
    assert _unheard(crowd) == []


def _result_of(futures: list["Future[None]"]) -> None:
    for future in futures:
        future.result()


def _let_it_end(crowd: Crowd) -> None:
    """Do what the queues, the sweeper and the leases do, until nothing is on its way any more."""
    with closing(crowd.product.twin()) as process:
        crowd._connect(process)

        def go_on() -> bool:
            crowd.product.database.rows(
                "UPDATE messages SET lease_until = now() - interval '1 second' WHERE status = 'sending'"
            )
            process.app.maintenance.sweep.sweep()
            for queue, work in (
                (crowd.messages, _delivers(crowd)),
                (crowd.callbacks, _applies(crowd)),
                (crowd.changes, _pushes(crowd)),
            ):
                while not queue.is_empty():
                    work(process, crowd.chance)
            return crowd.is_quiet()

        eventually(go_on)
        # As the lease of a killed notifier would end.
        crowd.product.database.rows("UPDATE change_sequences SET notifier_id = NULL")
        process.app.pushes.push(organization_id=crowd.organization.id)


def _listen(crowd: Crowd) -> None:
    ticket = crowd.product.app.realtime.create_ticket(actor=crowd.agent).ticket
    crowd.product.app.realtime.connect(connection_id="browser", ticket=ticket, origin=None)


def _unheard(crowd: Crowd) -> list[int]:
    """Return the numbers of changes that a browser which was connected all the time has not heard of."""
    heard = max(crowd.product.frames.latest("browser"))
    (row,) = crowd.product.database.rows("SELECT current FROM change_sequences")
    return list(range(heard + 1, row["current"] + 1))


def _misreported(crowd: Crowd, rows: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each message whose status is another than its provider has said."""
    found = []
    for row in rows:
        if row["channel"] == "WHATSAPP" and not _is_as_reported(crowd, row):
            events = crowd.product.database.rows(
                "SELECT status, message_id IS NOT NULL AS joined FROM message_events WHERE provider_sid = %s",
                (f"sid-of-{row['id']}",),
            )
            found.append(
                f"{row['id']} is {row['status']}; reported: {crowd.reports.get(row['id'])}, kept: {events}"
            )
    return found


def _is_as_reported(crowd: Crowd, row: dict[str, Any]) -> bool:
    """Return whether a message's status is the strongest of what its provider said of it."""
    said = crowd.reports.get(row["id"], [])
    if not crowd.takers.taken[row["id"]]:
        return row["status"] in ("failed", "unknown")
    expected = strongest([MessageStatus.ACCEPTED, *said])
    # Reports that name no message are joined to it by the provider's id, once an answer or a report has named it.
    is_known = row["id"] in crowd.named
    return row["status"] == expected or (not is_known and row["status"] == "unknown")


def _figures(crowd: Crowd) -> str:
    deaths = ", ".join(f"{count} {moment}" for moment, count in sorted(crowd.deaths.items()))
    return (
        f"\n{SENDS} sends, {crowd.watch.claims()} claims, {sum(crowd.takers.taken.values())} arrivals\n"
        f"statuses: {crowd.watch.figures()}\n{sum(crowd.deaths.values())} deaths: {deaths}\n"
    )
