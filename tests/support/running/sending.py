"""An agent who sends, and what time and the queue do to the ledger: what journeys about killed workers need."""

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import httpx

from tests.support.running.company import Company
from tests.support.running.queues import RunnerQueues
from tests.support.running.workers import DELIVERER, Workers
from tests.support.timing.waiting import eventually

MESSAGE_LOCK = "SELECT 1 FROM messages WHERE id = %s FOR UPDATE"
SWEEPER = "MaintenanceSweep"


class Sender:
    """An agent about to write free text to a customer whose window is open."""

    def __init__(self, company: Company) -> None:
        company.connect_whatsapp()
        company.write_whatsapp("Hello?")
        self.company = company
        (thread,) = eventually(lambda: company.agent.read("/communications/threads"))
        self.thread_id = thread["id"]
        eventually(self._all_are_notified)
        self._background = ThreadPoolExecutor(max_workers=1)

    def _all_are_notified(self) -> bool:
        """Return whether the customer's message has been pushed to everybody, so that nothing else is at work."""
        query = "SELECT 1 FROM change_sequences WHERE organization_id = %s AND pushed = current"
        return bool(self.company.sql(query, (self.company.id,)))

    def post(self, key: str | None = None) -> httpx.Response:
        body = {"channel": "WHATSAPP", "content": "On its way", "to": self.company.customer_number}
        return self.company.agent.post(
            f"/communications/threads/{self.thread_id}/messages", body, key=key or str(uuid4())
        )

    def post_in_background(self, key: str) -> "Future[httpx.Response]":
        return self._background.submit(self.post, key)

    def start(self) -> "tuple[str, Future[httpx.Response]]":
        """Post in the background; returns the id of the row as soon as it is committed."""
        answer = self.post_in_background(str(uuid4()))
        return self.committed(), answer

    def committed(self) -> str:
        """Wait for the row of the message and return its id."""
        query = "SELECT id FROM messages WHERE organization_id = %s AND direction = 'outbound'"
        return str(eventually(lambda: self.company.sql(query, (self.company.id,)))[0]["id"])

    def close(self) -> None:
        self._background.shutdown()


@contextmanager
def sender_at(company: Company) -> Iterator[Sender]:
    sender = Sender(company)
    try:
        yield sender
    finally:
        company.sandbox("/release", {})
        company.sandbox("/faults", method="DELETE")
        sender.close()


def let_leases_end(company: Company) -> None:
    """Let every lease end, as 90 seconds would."""
    company.sql(
        "UPDATE messages SET lease_until = now() - interval '1 second'"
        " WHERE organization_id = %s AND status = 'sending'",
        (company.id,),
    )


def let_messages_wait(company: Company) -> None:
    """Make queued messages old enough for the sweeper, as 20 seconds would."""
    company.sql(
        "UPDATE messages SET next_attempt_at = now() - interval '1 minute'"
        " WHERE organization_id = %s AND status = 'queued'",
        (company.id,),
    )


def deliver_again(company: Company, message_id: str, times: int = 3) -> None:
    """Deliver an item once more, as the queue does if it was not deleted; wait until it was processed."""
    queues, workers = RunnerQueues(company.runner), Workers(company.runner)
    for _ in range(times):
        queues.send_due(company.id, message_id)
    eventually(lambda: queues.depth("MessageQueue")["visible"] == 0 and workers.are_idle(DELIVERER))


def sweep(company: Company) -> int:
    """Sweep, and return how many messages were enqueued again."""
    found = re.search(r"reenqueued=(\d+)", company.runner.run_timer(SWEEPER)["found"])
    assert found
    return int(found[1])


def settle_by_callbacks(company: Company, message_id: str) -> None:
    """The first report settles an unknown message, by the id in its URL; the others go on from there."""
    for code, status in ((30001, "sent"), (30002, "delivered"), (30003, "read")):
        company.report(message_id, code)
        company.await_status(message_id, status)
    row = company.row(message_id)
    assert row["provider_sid"] == company.arrivals(message_id)[0]["sids"][0]
    assert row["failure_reason"] is None
    deliver_again(company, message_id)
    assert len(company.arrivals(message_id)) == 1


def copy_of(company: Company, message_id: str, status: str) -> str:
    """Add a message to the ledger as a crash leaves it: handed over, its lease over, or queued and forgotten."""
    (row,) = company.sql(
        """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                 recipient, body_text, join_rule, occurred_at, next_attempt_at, lease_until,
                                 hand_over_began_at)
           SELECT gen_random_uuid(), organization_id, thread_id, customer_id, channel, direction, %s, sender,
                  recipient, body_text, join_rule, now(), now() - interval '1 minute',
                  CASE WHEN %s THEN now() - interval '1 minute' END, CASE WHEN %s THEN now() END
           FROM messages WHERE id = %s RETURNING id""",
        (status, status == "sending", status == "sending", message_id),
    )
    return str(row["id"])
