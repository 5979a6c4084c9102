"""An outage of the database while Exotel reports: every callback is answered 200, and applied afterwards.

The burst comes while the database hangs, which costs the workers time and no processor: they would otherwise
compete with the receivers for the machine. That it may as well refuse is shown with fewer callbacks.
"""

import itertools
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.security.references import CallbackReferences
from banxway.services.callback_urls import CallbackUrls
from tests.support.burst import post_burst
from tests.support.company import Company
from tests.support.queues import EMPTY, RunnerQueues
from tests.support.runner import Runner
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)

MESSAGES = 300
CUSTOMERS = 200
LADDER = ((30001, "EX_MESSAGE_SENT"), (30002, "EX_MESSAGE_DELIVERED"), (30003, "EX_MESSAGE_SEEN"))
REJECTED = (30012, "EX_INVALID_RECIPIENT")
NOW = datetime.now(UTC).isoformat(timespec="seconds")


def accepted_messages(company: Company) -> list[tuple[UUID, str]]:
    """Add messages to the ledger as they are once Exotel has accepted them; returns ids and sids."""
    company.write_whatsapp("Hello?")
    eventually(lambda: company.agent.read("/communications/threads"))
    rows = company.sql(
        """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                 recipient, join_rule, occurred_at, provider_sid)
           SELECT gen_random_uuid(), organization_id, thread_id, customer_id, channel, 'outbound', 'accepted',
                  recipient, sender, 'agent', now(), 'burst-' || n
           FROM messages CROSS JOIN generate_series(1, %s) AS n
           WHERE organization_id = %s RETURNING id, provider_sid""",
        (MESSAGES, company.id),
    )
    return [(row["id"], row["provider_sid"]) for row in rows]


def report(sid: str, code: int, name: str) -> dict[str, Any]:
    return {
        "callback_type": "dlr",
        "sid": sid,
        "exo_status_code": code,
        "exo_detailed_status": name,
        "timestamp": NOW,
    }


def written(company: Company, number: int) -> dict[str, Any]:
    return {
        "callback_type": "incoming_message",
        "sid": f"incoming-{number}",
        "from": f"+9197{number % CUSTOMERS:08d}",
        "to": company.exotel.whatsapp_number,
        "profile_name": "Customer",
        "timestamp": NOW,
        "content": {"type": "text", "text": {"body": f"Message {number}"}},
    }


def reports_of(
    company: Company, messages: list[tuple[UUID, str]]
) -> tuple[list[tuple[str, dict[str, Any]]], dict[str, int]]:
    """Return every message's reports with the URL each comes to, and how many messages end in which status.

    A third goes up the whole ladder, a third stays delivered, a third is rejected.
    """
    secret = company.runner.secrets["webhook_secret"]
    references = CallbackReferences(secret, clock=SYSTEM_CLOCK)
    urls = CallbackUrls(references, base_url=company.runner.url)
    fates = itertools.cycle([("read", LADDER), ("delivered", LADDER[:2]), ("failed", (REJECTED,))])
    found, ends = [], Counter[str]()
    for (message_id, sid), (end, steps) in zip(messages, fates, strict=False):
        ends[end] += 1
        url = urls.for_message(company.id, message_id)
        found += [(url, report(sid, code, name)) for code, name in steps]
    return found, dict(ends)


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


@pytest.mark.parametrize(
    ("outage", "callbacks", "incoming"),
    [(refusing, 1_000, 200), (hanging, 20_000, 2_000)],
    ids=["refusing", "hanging"],
)
def test_a_burst_of_callbacks_during_a_database_outage_is_taken_and_applied_afterwards(
    company: Company, outage: Callable[[Runner], AbstractContextManager[None]], callbacks: int, incoming: int
):
    dashboard_url = company.connect_whatsapp()["callback_url"]
    reports, ends = reports_of(company, accepted_messages(company))
    posted = [(dashboard_url, written(company, number)) for number in range(incoming)]
    posted += itertools.islice(itertools.cycle(reports), callbacks - incoming)
    random.Random(20).shuffle(posted)
    requests = [(url, json.dumps({"whatsapp": {"messages": [item]}}).encode()) for url, item in posted]
    queues = RunnerQueues(company.runner)

    with outage(company.runner):
        statuses = post_burst(requests, connections=12)

    assert statuses == {200: callbacks}
    company.reconnect()
    eventually(lambda: queues.depth("WebhookQueue") == EMPTY)
    assert queues.depth("WebhookDeadLetters") == EMPTY
    assert ends_of(company) == ends
    assert how_many(company, "messages WHERE identity IS NOT NULL") == incoming + 1
    assert how_many(company, "threads") == CUSTOMERS + 1
    assert how_many(company, "webhook_events") == len(reports) + incoming + 1


def ends_of(company: Company) -> dict[str, int]:
    """Return how many of the accepted messages ended in which status."""
    rows = company.sql(
        "SELECT status, count(*) AS n FROM messages"
        " WHERE organization_id = %s AND provider_sid LIKE 'burst-%%' GROUP BY status",
        (company.id,),
    )
    return {row["status"]: row["n"] for row in rows}


def how_many(company: Company, what: str) -> int:
    """Count the company's rows of a table."""
    (row,) = company.sql(
        f"SELECT count(*) AS n FROM (SELECT organization_id FROM {what}) AS counted"
        " WHERE organization_id = %s",
        (company.id,),
    )
    return int(row["n"])
