"""300 sends while hundreds of their workers are killed and many answers are spoiled: none is lost, none goes twice.

WhatsApp goes to the simulated Exotel by HTTP, mail to a real SMTP server, each worker is a process of its own, and a
kill is a SIGKILL at a random moment. What stays unknown is left to a person: it must be few.
"""

import os
import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

from tests.support.gates.chance import dice
from tests.support.gates.figures import Figures
from tests.support.running.company import Company
from tests.support.running.sending import let_messages_wait, sweep
from tests.support.running.workers import Workers
from tests.support.timing.waiting import eventually

pytestmark = pytest.mark.timeout(3600)

SENDS, KILLS, CLIENTS = 300, 400, 12
DELIVERERS = ("MessagesDeliver", "MessagesDeliverMail")
OPEN = {"queued", "sending"}
SPOILED = (
    # Nothing is taken, and nothing proves it: these stay unknown.
    *({"kind": "close"},) * 3,
    {"kind": "status", "status": 500},
    # Nothing is taken, and the answer proves it.
    *({"kind": "status", "status": 429, "retry_after": "1"},) * 6,
    # Taken, and the answer is lost, late or unreadable.
    *({"kind": "accept_then_500"}, {"kind": "close_after_bytes", "bytes": 20}, {"kind": "html"}) * 4,
    *({"kind": "truncated"}, {"kind": "no_sid"}) * 4,
    *({"kind": "delay", "seconds": 2.0},) * 12,
)
SPOILED_MAIL = (
    *({"stage": "data", "kind": "accept_then_close"},) * 10,
    *({"stage": "rcpt", "kind": "close"}, {"stage": "rcpt", "kind": "answer"}) * 8,
    *({"stage": "data", "kind": "delay", "seconds": 0.5},) * 60,
    *({"stage": "rcpt", "kind": "delay", "seconds": 0.5},) * 60,
)
"""What goes wrong with as many of the sends as there are entries."""


class Killer(threading.Thread):
    """Kills half of the busy workers, at random moments, until it has killed enough or nothing is open."""

    def __init__(self, company: Company, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._workers = Workers(company.runner)
        self._chance = chance
        self.killed: Counter[str] = Counter()
        self.stop_asked = threading.Event()

    def run(self) -> None:
        while not self.stop_asked.is_set() and self.killed.total() < KILLS:
            busy = [(name, pid) for name in DELIVERERS for pid in self._workers.pids(name, busy=True)]
            if busy:
                moment_s = self._chance.random() * 0.2
                self.stop_asked.wait(moment_s)  # nothing comes: a random moment of their sends
                for name, pid in self._chance.sample(busy, (len(busy) + 1) // 2):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        self.killed[name] += 1


def test_no_send_is_lost_or_doubled_by_killed_workers_and_few_are_left_to_a_person(
    company: Company, figures: Figures
) -> None:
    chance = dice(6)
    threads = _threads(company)
    _spoil(company, chance)
    killer = Killer(company, chance)
    killer.start()
    try:
        with ThreadPoolExecutor(max_workers=CLIENTS) as clients:
            posting = [
                clients.submit(_post, company, *threads[number % 2], str(uuid4())) for number in range(SENDS)
            ]
            _recover(company, lambda: all(each.done() for each in posting))
        assert [each.result() for each in posting].count(None) == 0
    finally:
        killer.stop_asked.set()
        killer.join(60)
    _look_into_sent(company)

    taken = _taken(company)
    statuses = Counter(_statuses(company).values())
    at_a_loss = [
        message
        for message, status in _statuses(company).items()
        if status not in ("unknown", "failed") and not taken[message]
    ]
    doubled = [message for message, times in taken.items() if times > 1]
    figures.show(
        kills=dict(killer.killed), statuses=dict(statuses), lost=len(at_a_loss), doubled=len(doubled)
    )
    assert (at_a_loss, doubled) == ([], [])
    assert statuses.total() == SENDS
    # What five workers in a row died of has failed: that is left to a person, too.
    assert statuses["unknown"] + statuses["failed"] < SENDS / 10
    assert killer.killed.total() >= KILLS / 4


def _threads(company: Company) -> list[tuple[str, dict[str, Any]]]:
    """Set a company up; returns a thread for each channel with what is sent there."""
    company.connect_whatsapp()
    company.write_whatsapp("Hello?")
    account = company.connect_mailbox(poll_interval_ms=300_000)
    company.write_mail("Parcel", "Where is it?")
    company.admin.ask(f"/settings/email-accounts/{account}/poll-now")

    def found() -> dict[str, str]:
        rows = company.sql(
            "SELECT channel, thread_id FROM messages WHERE organization_id = %s", (company.id,)
        )
        return {row["channel"]: str(row["thread_id"]) for row in rows}

    eventually(lambda: len(found()) == 2)
    text = {"channel": "WHATSAPP", "content": "On its way", "to": company.customer_number}
    mail = {"channel": "EMAIL", "subject": "Parcel", "content_text": "It left today"}
    return [(found()["WHATSAPP"], text), (found()["EMAIL"], mail)]


def _spoil(company: Company, chance: random.Random) -> None:
    """Let random requests go wrong: between two spoiled answers one is right, and slow enough to be interrupted."""
    for fault in chance.sample(SPOILED, len(SPOILED)):
        company.sandbox("/faults", {"operation": "whatsapp.send", "kind": "delay", "seconds": 0.5})
        company.sandbox("/faults", {"operation": "whatsapp.send", **fault})
    for fault in chance.sample(SPOILED_MAIL, len(SPOILED_MAIL)):
        company.sandbox("/mail/faults", fault)


def _post(company: Company, thread_id: str, body: dict[str, Any], key: str) -> int | None:
    """Post until the row is committed, as a client with an Idempotency-Key does; returns the last status."""
    path = f"/communications/threads/{thread_id}/messages"
    for _ in range(5):
        answer = company.agent.post(path, body, key=key)
        if answer.status_code < 500 or "message_id" in answer.text:
            return answer.status_code
    return None


def _recover(company: Company, is_over: Any) -> None:
    """Let leases of dead workers end and delays pass, and sweep, until every message has its outcome."""
    pause = threading.Event()
    while not is_over() or OPEN & set(_statuses(company).values()):
        company.sql(
            """UPDATE messages SET lease_until = now() - interval '1 second'
               WHERE organization_id = %s AND status = 'sending' AND attempted_at < now() - interval '15 seconds'""",
            (company.id,),
        )
        let_messages_wait(company)
        sweep(company)
        pause.wait(1)  # nothing comes: a pause between two sweeps


def _look_into_sent(company: Company) -> None:
    """Let the mailbox be polled until all its evidence has been looked at."""
    (account,) = company.sql("SELECT id FROM email_accounts WHERE organization_id = %s", (company.id,))

    def all_are_looked_for() -> bool:
        company.sql(
            "UPDATE messages SET sent_looked_at = NULL WHERE organization_id = %s AND status = 'unknown'",
            (company.id,),
        )
        company.admin.ask(f"/settings/email-accounts/{account['id']}/poll-now")
        rows = company.sql(
            """SELECT 1 FROM messages WHERE organization_id = %s AND status = 'unknown' AND channel = 'EMAIL'
                                        AND sent_looks < 3""",
            (company.id,),
        )
        return not rows

    eventually(all_are_looked_for)
    eventually(lambda: not _unknown_and_reported(company))


def _unknown_and_reported(company: Company) -> set[str]:
    """Return the WhatsApp messages that Exotel took and whose report is still on its way."""
    taken = _taken(company)
    return {
        message for message, status in _statuses(company).items() if status == "unknown" and taken[message]
    }


def _statuses(company: Company) -> dict[str, str]:
    rows = company.sql(
        "SELECT id, status FROM messages WHERE organization_id = %s AND direction = 'outbound'", (company.id,)
    )
    return {str(row["id"]): row["status"] for row in rows}


def _taken(company: Company) -> Counter[str]:
    """Count how often each message was accepted, as the simulated Exotel and the mail server say."""
    taken: Counter[str] = Counter()
    for request in company.sandbox("/received?kind=whatsapp")["received"]:
        if request["operation"] == "whatsapp.send" and request["sids"]:
            taken[str(request["body"]["custom_data"])] += 1
    rows = company.sql(
        "SELECT id, mail_message_id FROM messages WHERE organization_id = %s AND mail_message_id IS NOT NULL",
        (company.id,),
    )
    id_of = {row["mail_message_id"]: str(row["id"]) for row in rows}
    for mail in company.sandbox("/mail/outbox")["mails"]:
        if mail["message_id"].strip("<>") in id_of:
            taken[id_of[mail["message_id"].strip("<>")]] += 1
    return taken
