"""Exotel reports while the database is away: many callbacks at once, and what becomes of them."""

import itertools
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from banxway.clock import SYSTEM_CLOCK
from banxway.security.references import CallbackReferences
from banxway.services.webhooks.urls import CallbackUrls
from tests.support.running.burst import post_burst
from tests.support.running.company import Company
from tests.support.running.queues import EMPTY, RunnerQueues
from tests.support.running.runner import Runner
from tests.support.timing.waiting import eventually

Outage = Callable[[Runner], AbstractContextManager[None]]
Request = tuple[str, dict[str, Any]]
LADDER = ((30001, "EX_MESSAGE_SENT"), (30002, "EX_MESSAGE_DELIVERED"), (30003, "EX_MESSAGE_SEEN"))
REJECTED = (30012, "EX_INVALID_RECIPIENT")


@dataclass(frozen=True)
class Burst:
    """How many callbacks come, how many of them are customers' messages, and about how many messages of ours."""

    callbacks: int
    incoming: int
    messages: int
    customers: int


@contextmanager
def refusing(runner: Runner) -> Iterator[None]:
    """Let no database listen."""
    runner.stop_database()
    try:
        yield
    finally:
        runner.start_database()


@contextmanager
def hanging(runner: Runner) -> Iterator[None]:
    """Let the database take connections and say nothing; begins with a restart, so that none is open."""
    with refusing(runner):
        pass
    postmaster = int((runner.state / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(postmaster, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(postmaster, signal.SIGCONT)


def assert_all_are_taken_and_applied_afterwards(
    company: Company, outages: Sequence[Outage], burst: Burst, *, chance: random.Random
) -> dict[str, int]:
    """Post equal parts of a burst during outages: each callback is answered 200, and has its effect in the end.

    Returns what was counted.
    """
    dashboard_url = company.connect_whatsapp()["callback_url"]
    reports, ends = _reports_of(company, _accepted_messages(company, burst.messages))
    assert len(reports) <= burst.callbacks - burst.incoming, "some reports would never be posted"
    posted = [(dashboard_url, _written(company, number, burst)) for number in range(burst.incoming)]
    posted += itertools.islice(itertools.cycle(reports), burst.callbacks - burst.incoming)
    chance.shuffle(posted)
    requests = [(url, json.dumps({"whatsapp": {"messages": [item]}}).encode()) for url, item in posted]
    queues = RunnerQueues(company.runner)

    for number, outage in enumerate(outages):
        part = requests[number :: len(outages)]
        with outage(company.runner):
            statuses = post_burst(part, connections=12)
        assert statuses == {200: len(part)}

    company.reconnect()
    eventually(lambda: queues.depth("WebhookQueue") == EMPTY)
    assert queues.depth("DeadLetterQueue") == EMPTY
    assert _how_many(company, "dead_letters") == 0
    assert _ends_of(company) == ends
    assert _how_many(company, "messages WHERE identity IS NOT NULL") == burst.incoming + 1
    assert _how_many(company, "threads") == burst.customers + 1
    kept = _how_many(company, "webhook_events")
    assert kept == len(reports) + burst.incoming + 1
    return {
        "callbacks_taken": burst.callbacks,
        "kept": kept,
        "customers_messages": _how_many(company, "messages WHERE identity IS NOT NULL"),
        "dead_letters": _how_many(company, "dead_letters"),
    }


def _accepted_messages(company: Company, count: int) -> list[tuple[UUID, str]]:
    """Add messages to the ledger as they are once Exotel has accepted them; returns ids and sids."""
    company.write_whatsapp("Hello?")
    eventually(lambda: company.agent.read("/communications/threads"))
    rows = company.sql(
        """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                 recipient, join_rule, occurred_at, provider_sid)
           SELECT gen_random_uuid(), organization_id, thread_id, customer_id, channel, 'outbound', 'accepted',
                  recipient, sender, 'agent', now(), %s || n
           FROM messages CROSS JOIN generate_series(1, %s) AS n
           WHERE organization_id = %s RETURNING id, provider_sid""",
        (f"burst-{company.id}-", count, company.id),
    )
    return [(row["id"], row["provider_sid"]) for row in rows]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _report(sid: str, code: int, name: str, moment: str) -> dict[str, Any]:
    return {
        "callback_type": "dlr",
        "sid": sid,
        "exo_status_code": code,
        "exo_detailed_status": name,
        "timestamp": moment,
    }


def _written(company: Company, number: int, burst: Burst) -> dict[str, Any]:
    return {
        "callback_type": "incoming_message",
        "sid": f"incoming-{company.id}-{number}",
        "from": f"+9197{number % burst.customers:08d}",
        "to": company.exotel.whatsapp_number,
        "profile_name": "Customer",
        "timestamp": _now(),
        "content": {"type": "text", "text": {"body": f"Message {number}"}},
    }


def _reports_of(company: Company, messages: list[tuple[UUID, str]]) -> tuple[list[Request], dict[str, int]]:
    """Return every message's reports with the URL each comes to, and how many messages end in which status.

    A third goes up the whole ladder, a third stays delivered, a third is rejected.
    """
    secret = company.runner.secrets["webhook_secret"]
    references = CallbackReferences(secret, clock=SYSTEM_CLOCK)
    urls = CallbackUrls(references, base_url=company.runner.url)
    fates = itertools.cycle([("read", LADDER), ("delivered", LADDER[:2]), ("failed", (REJECTED,))])
    found, ends, moment = list[Request](), Counter[str](), _now()
    for (message_id, sid), (end, steps) in zip(messages, fates, strict=False):
        ends[end] += 1
        url = urls.for_message(company.id, message_id)
        found += [(url, _report(sid, code, name, moment)) for code, name in steps]
    return found, dict(ends)


def _ends_of(company: Company) -> dict[str, int]:
    """Return how many of the accepted messages ended in which status."""
    rows = company.sql(
        "SELECT status, count(*) AS n FROM messages"
        " WHERE organization_id = %s AND provider_sid LIKE 'burst-%%' GROUP BY status",
        (company.id,),
    )
    return {row["status"]: row["n"] for row in rows}


def _how_many(company: Company, what: str) -> int:
    """Count the company's rows of a table."""
    (row,) = company.sql(
        f"SELECT count(*) AS n FROM (SELECT organization_id FROM {what}) AS counted"
        " WHERE organization_id = %s",
        (company.id,),
    )
    return int(row["n"])
