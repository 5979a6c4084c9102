"""Killed before or after any step, a sender, a sweeper or a callback loses nothing and contacts nobody twice.

A step is a transaction, a write of a blob, a hand-over to the provider, or an item for a queue. Each process dies at
each of its steps once; then time passes, the sweeper runs, the queue delivers again, and the person asks again.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.models.actors import Actor
from banxway.models.messages.messages import IdempotencyKey, RetryOfMessage
from banxway.models.queue_items import CallbackReceived
from banxway.storage.messages import ledger as send_ledger
from tests.support.databases.postgres import Organization, PostgresServer
from tests.support.ledger.ledger_watch import LedgerWatch
from tests.support.ledger.outgoing import add_mail
from tests.support.ledger.sending_steps import SendingSteps
from tests.support.ledger.takers import Takers
from tests.support.ledger.written_messages import a_text, an_email
from tests.support.product.builders import CUSTOMER, Product, a_report, an_incoming, received
from tests.support.product.scripts import refused

READ = 30003


class Ledger:
    """An organization that sends, whose ledger is watched."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.watch = LedgerWatch(product.database)
        self.organization: Organization = product.database.add_organization()
        self.agent: Actor = product.actor(self.organization)
        self.takers = Takers()
        self.takers.connect(product.app)
        self.integration = product.add_whatsapp(self.organization)
        self.account = product.add_mailbox(self.organization)
        self.thread = product.add_thread(self.organization, email="asha@customer.example")
        product.add_inbound(self.organization, self.thread)

    @contextmanager
    def process(self) -> Iterator[Product]:
        """A process that has done nothing yet."""
        with closing(self.product.twin()) as process:
            self.takers.connect(process.app)
            yield process

    def status(self, message: UUID) -> str | None:
        rows = self.product.database.rows("SELECT status FROM messages WHERE id = %s", (message,))
        return rows[0]["status"] if rows else None

    def has_begun(self, message: UUID) -> bool:
        """Return whether a worker has recorded that it hands the message over."""
        return self.product.row(message)["hand_over_began_at"] is not None

    def let_time_pass(self) -> None:
        """Let every lease end and every delay be over, sweep, and let the queue deliver everything twice."""
        self.product.database.rows(
            """UPDATE messages
               SET lease_until = CASE WHEN status = 'sending' THEN now() - interval '1 second' END,
                   next_attempt_at = now() - interval '1 hour' WHERE status IN ('queued', 'sending')"""
        )
        with self.process() as process:
            process.app.maintenance.sweep.sweep()
            queues = [self.product.queues[name] for name in ("message", "mail")]
            due = [item for queue in queues for item in queue.items] * 2
            for queue in queues:
                queue.clear()
            for item in due:
                process.app.messages.deliver.deliver(
                    organization_id=item.organization_id, message_id=item.message_id
                )

    def problems(self) -> list[str]:
        return self.watch.problems(self.takers.taken)

    def count(self) -> int:
        """Count the messages that were ever to be sent."""
        return sum(self.watch.figures().values())


@pytest.fixture
def ledger(postgres: PostgresServer, tmp_path: Path) -> Iterator[Ledger]:
    with postgres.database() as database, closing(Product(database, tmp_path)) as product:
        yield Ledger(product)


@dataclass(frozen=True)
class Case:
    """What is interrupted. `begin` makes its subject, `act` is what dies, `again` what the person does then."""

    begin: Callable[[Ledger], Any]
    act: Callable[[Ledger, Product, Any], object]
    message_of: Callable[[Ledger, Any], UUID | None]
    again: Callable[[Ledger, Product, Any], object] = lambda ledger, process, subject: None
    ends_as: frozenset[str] = field(default=frozenset({"accepted"}))
    fewest_steps: int = 10


def _deliver(ledger: Ledger, process: Product, message: UUID) -> None:
    process.app.messages.deliver.deliver(organization_id=ledger.organization.id, message_id=message)


def _itself(_: Ledger, message: UUID) -> UUID:
    return message


def _whatsapp(ledger: Ledger) -> UUID:
    return ledger.product.add_message(ledger.organization, ledger.thread)


def _mail(ledger: Ledger) -> UUID:
    message = uuid4()
    add_mail(
        ledger.product,
        ledger.organization,
        ledger.thread,
        ledger.account,
        mail_message_id=f"{message}@yourdomain.com",
    )
    ledger.product.database.rows(
        "UPDATE messages SET id = %s WHERE mail_message_id = %s", (message, f"{message}@yourdomain.com")
    )
    return message


def _refused_once(ledger: Ledger, error: errors.BanxwayError, message: UUID) -> UUID:
    refusals = iter([error])
    ledger.takers.refuse = lambda found: next(refusals, None) if found == message else None
    return message


def _failed(ledger: Ledger) -> tuple[UUID, IdempotencyKey]:
    message = _refused_once(ledger, refused(errors.ProviderRejected), _whatsapp(ledger))
    with ledger.process() as process:
        _deliver(ledger, process, message)
    assert ledger.status(message) == "failed"
    return message, IdempotencyKey(key=uuid4().hex, route="POST /retry")


def _retry(ledger: Ledger, process: Product, subject: tuple[UUID, IdempotencyKey]) -> None:
    process.app.messages.send.retry(
        actor=ledger.agent, message_id=subject[0], wish=RetryOfMessage(), once=subject[1]
    )


def _a_request(content: Callable[[], Any]) -> tuple[Callable[[Ledger], Any], Callable[..., object]]:
    """Return a request with a key of its own, and how it is sent."""

    def send(ledger: Ledger, process: Product, once: IdempotencyKey) -> None:
        process.app.messages.send.send(
            actor=ledger.agent, thread_id=ledger.thread, content=content(), once=once
        )

    return lambda ledger: IdempotencyKey(key=uuid4().hex, route="POST /send"), send


def _of_key(ledger: Ledger, once: IdempotencyKey) -> UUID | None:
    rows = ledger.product.database.rows("SELECT message_id FROM idempotency_keys WHERE key = %s", (once.key,))
    return rows[0]["message_id"] if rows else None


SEND_TEXT, SEND_MAIL = _a_request(a_text), _a_request(an_email)
THROTTLED = refused(errors.ProviderThrottled)
REJECTED = refused(errors.ProviderRejected)

CASES = {
    "a message is sent": Case(SEND_TEXT[0], SEND_TEXT[1], _of_key, again=SEND_TEXT[1]),
    "a mail is sent": Case(
        SEND_MAIL[0], SEND_MAIL[1], _of_key, again=SEND_MAIL[1], ends_as=frozenset({"sent"})
    ),
    "a message is delivered": Case(_whatsapp, _deliver, _itself),
    "a mail is delivered": Case(_mail, _deliver, _itself, ends_as=frozenset({"sent"})),
    "a message is throttled": Case(
        lambda ledger: _refused_once(ledger, THROTTLED, _whatsapp(ledger)), _deliver, _itself
    ),
    "a mail is throttled": Case(
        lambda ledger: _refused_once(ledger, THROTTLED, _mail(ledger)),
        _deliver,
        _itself,
        ends_as=frozenset({"sent"}),
    ),
    "a message is refused": Case(
        lambda ledger: _refused_once(ledger, REJECTED, _whatsapp(ledger)),
        _deliver,
        _itself,
        ends_as=frozenset({"failed"}),
    ),
    "a message is sent again": Case(_failed, _retry, lambda _, subject: subject[0], again=_retry),
}


@pytest.mark.parametrize("name", CASES)
def test_a_message_arrives_once_or_is_unknown_wherever_its_process_dies(
    ledger: Ledger, name: str, subtests: pytest.Subtests
) -> None:
    case = CASES[name]
    steps = _steps(ledger, case)
    assert len(steps) >= case.fewest_steps, steps

    for step in steps:
        with subtests.test(step):
            before = ledger.count()
            subject = case.begin(ledger)
            with ledger.process() as doomed, SendingSteps.killing(doomed.app, step):
                case.act(ledger, doomed, subject)
            message = case.message_of(ledger, subject)
            at_death = ledger.status(message) if message else None
            had_begun = bool(message) and ledger.has_begun(message)

            _recover(ledger, case, subject)

            message = case.message_of(ledger, subject)
            assert message is not None
            assert ledger.status(message) in _allowed(case, at_death, had_begun)
            assert ledger.count() == before + 1
            assert ledger.problems() == []
            _settle_by_evidence(ledger, message)


def _steps(ledger: Ledger, case: Case) -> list[str]:
    """Return what an unharmed process does; in the end all is as it should be, and the same again changes nothing."""
    subject = case.begin(ledger)
    with ledger.process() as unharmed:
        steps = SendingSteps.observe(unharmed.app, lambda: case.act(ledger, unharmed, subject))
    _recover(ledger, case, subject)
    message = case.message_of(ledger, subject)
    assert message is not None
    assert ledger.status(message) in case.ends_as
    assert ledger.problems() == []
    return steps


def _recover(ledger: Ledger, case: Case, subject: Any) -> None:
    for _ in range(2):
        ledger.let_time_pass()
        with ledger.process() as process:
            try:
                case.again(ledger, process, subject)
            except errors.OutcomeUnknown:
                continue
    ledger.let_time_pass()


def _allowed(case: Case, at_death: str | None, had_begun: bool) -> frozenset[str]:
    """Return what a message may be in the end: unknown only where its process had begun to hand it over."""
    if at_death == "sending" and had_begun:
        return frozenset({"unknown"})
    # What had failed before it is sent again is sent again by anybody who asks again.
    return case.ends_as


def _settle_by_evidence(ledger: Ledger, message: UUID) -> None:
    """Let what an unknown message left at its provider be heard of: it is settled by that, and not sent again."""
    if ledger.status(message) != "unknown" or not ledger.takers.taken[message]:
        return
    row = ledger.product.row(message)
    if row["channel"] == "EMAIL":
        with ledger.product.app.infrastructure.database.organization(ledger.organization.id) as transaction:
            assert send_ledger.settle_sent(transaction, message)
        # The caller that settles it notifies; here nobody does.
        ledger.product.database.rows("DELETE FROM ledger_history WHERE message_id = %s", (message,))
    else:
        report = a_report(f"sid-of-{message}", READ)
        ledger.product.apply(received(ledger.organization, report, about=message))
    ledger.let_time_pass()
    assert ledger.status(message) in ("sent", "read")
    assert ledger.problems() == []


# Anybody who sets going again what others left behind.


def test_a_sweep_that_dies_anywhere_is_completed_by_the_next(
    ledger: Ledger, subtests: pytest.Subtests
) -> None:
    def left_behind() -> tuple[UUID, UUID, UUID]:
        died, forgotten, stopped = _whatsapp(ledger), _whatsapp(ledger), _mail(ledger)
        ledger.product.database.rows(
            """UPDATE messages SET status = 'sending', lease_until = now() - interval '1 second',
                                   hand_over_began_at = CASE WHEN id = %s THEN now() END
               WHERE id = ANY (%s)""",
            (died, [died, stopped]),
        )
        ledger.product.database.rows(
            "UPDATE messages SET next_attempt_at = now() - interval '1 hour' WHERE id = %s", (forgotten,)
        )
        return died, forgotten, stopped

    def end(died: UUID, forgotten: UUID, stopped: UUID) -> None:
        ledger.let_time_pass()
        assert (ledger.status(died), ledger.status(forgotten)) == ("unknown", "accepted")
        assert ledger.status(stopped) == "sent"
        assert ledger.problems() == []

    found = left_behind()
    with ledger.process() as unharmed:
        steps = SendingSteps.observe(unharmed.app, lambda: unharmed.app.maintenance.sweep.sweep())
    end(*found)

    assert len(steps) >= 30, steps
    for step in steps:
        with subtests.test(step):
            found = left_behind()
            with ledger.process() as doomed, SendingSteps.killing(doomed.app, step):
                doomed.app.maintenance.sweep.sweep()
            end(*found)


# What others report.


def test_a_callback_whose_worker_dies_anywhere_takes_effect_once(
    ledger: Ledger, subtests: pytest.Subtests
) -> None:
    def reported() -> tuple[UUID, CallbackReceived]:
        message = _whatsapp(ledger)
        with ledger.process() as process:
            _deliver(ledger, process, message)
        text = f"an answer to {message}"
        items = (a_report(f"sid-of-{message}", READ), an_incoming(text, sid=uuid4().hex, sender=CUSTOMER))
        return message, received(ledger.organization, *items, about=message)

    def end(message: UUID, item: CallbackReceived) -> None:
        for _ in range(2):
            with ledger.process() as process:
                process.apply(item)
        assert ledger.status(message) == "read"
        texts = ledger.product.database.rows(
            "SELECT 1 AS one FROM messages WHERE body_text = %s", (f"an answer to {message}",)
        )
        assert len(texts) == 1
        assert ledger.problems() == []

    found = reported()
    with ledger.process() as unharmed:
        steps = SendingSteps.observe(unharmed.app, lambda: unharmed.apply(found[1]))
    end(*found)

    assert len(steps) >= 4, steps
    for step in steps:
        with subtests.test(step):
            found = reported()
            with ledger.process() as doomed, SendingSteps.killing(doomed.app, step):
                doomed.apply(found[1])
            end(*found)
