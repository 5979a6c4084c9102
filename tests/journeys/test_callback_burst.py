"""An outage of the database while Exotel reports: every callback is answered 200, and applied afterwards."""

import itertools
import json
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from banxway.security.references import CallbackReferences
from banxway.services.callback_urls import CallbackUrls
from tests.support.burst import post_burst
from tests.support.company import Company
from tests.support.queues import EMPTY, RunnerQueues
from tests.support.sandbox import eventually

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

CALLBACKS = 4000
MESSAGES = 300
INCOMING = 400
CUSTOMERS = 200
LADDER = ((30001, "EX_MESSAGE_SENT"), (30002, "EX_MESSAGE_DELIVERED"), (30003, "EX_MESSAGE_SEEN"))
REJECTED = (30012, "EX_INVALID_RECIPIENT")
NOW = datetime.now(UTC).isoformat(timespec="seconds")


def accepted_messages(company: Company) -> list[tuple[UUID, str]]:
    """Add messages to the ledger as they are once Exotel has accepted them; returns ids and sids."""
    company.write_whatsapp("Hello?")
    eventually(lambda: company.agent.read("/communications/threads"), within_s=15)
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
    references = CallbackReferences(secret, clock=lambda: datetime.now(UTC))
    urls = CallbackUrls(references, base_url=company.runner.url)
    fates = itertools.cycle([("read", LADDER), ("delivered", LADDER[:2]), ("failed", (REJECTED,))])
    found, ends = [], Counter[str]()
    for (message_id, sid), (end, steps) in zip(messages, fates, strict=False):
        ends[end] += 1
        url = urls.for_message(company.id, message_id)
        found += [(url, report(sid, code, name)) for code, name in steps]
    return found, dict(ends)


def test_a_burst_of_callbacks_during_a_database_outage_is_taken_and_applied_afterwards(company: Company):
    dashboard_url = company.connect_whatsapp()["callback_url"]
    reports, ends = reports_of(company, accepted_messages(company))
    callbacks = [(dashboard_url, written(company, number)) for number in range(INCOMING)]
    callbacks += itertools.islice(itertools.cycle(reports), CALLBACKS - INCOMING)
    random.Random(20).shuffle(callbacks)
    requests = [(url, json.dumps({"whatsapp": {"messages": [item]}}).encode()) for url, item in callbacks]
    queues = RunnerQueues(company.runner)

    import time

    import psutil

    def cpu():
        out = Counter()
        for p in [psutil.Process(company.runner.process.pid)] + company.runner.descendants():
            try:
                n = p.name()
                try:
                    f = p.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
                except Exception:
                    f = ""
                out[n + " " + f] += sum(p.cpu_times()[:2])
            except Exception:
                pass
        return out

    def diff(a, b):
        print({k: round(b[k] - a.get(k, 0), 1) for k in b if b[k] - a.get(k, 0) > 0.3})

    company.runner.stop_database()
    c0 = cpu()
    t = time.time()
    try:
        statuses = post_burst(requests, connections=12)
    finally:
        print("INTAKE", time.time() - t, queues.depth("WebhookQueue"))
        c1 = cpu()
        diff(c0, c1)
        t = time.time()
        company.runner.start_database()

    assert statuses == {200: CALLBACKS}
    company.reconnect()
    eventually(lambda: queues.depth("WebhookQueue") == EMPTY, within_s=400)
    print("APPLY", time.time() - t)
    diff(c1, cpu())
    assert queues.depth("WebhookDeadLetters") == EMPTY
    assert ends_of(company) == ends
    assert how_many(company, "messages WHERE identity IS NOT NULL") == INCOMING + 1
    assert how_many(company, "threads") == CUSTOMERS + 1
    assert how_many(company, "webhook_events") == len(reports) + INCOMING + 1


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
