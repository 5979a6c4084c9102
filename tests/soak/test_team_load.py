"""Ten minutes of a small team: six agents at work, a message a second from customers, Exotel hanging for 30 s.

The local runner must keep up: no function that is in use is thrown away while memory is free, and every message
is there once. How fast it was is printed, and asserted by nothing. BANXWAY_TEAM_SECONDS makes it shorter.
"""

import itertools
import os
import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from banxway.clock import SYSTEM_CLOCK
from tests.support.gates.figures import Figures
from tests.support.running.company import Company, Person
from tests.support.running.founding import be_patient, open_company
from tests.support.running.runner import start_runner
from tests.support.timing.waiting import eventually

pytestmark = pytest.mark.timeout(3600)

LASTS_S = float(os.environ.get("BANXWAY_TEAM_SECONDS", "600"))
HANGS_S = min(30.0, LASTS_S / 4)
AGENTS, BETWEEN_CLICKS_S, BETWEEN_MESSAGES_S = 6, 1.0, 1.0
AT_REST = ("accepted", "sent", "delivered", "read", "failed", "unknown")


@dataclass
class Load:
    """What the team and its customers did, and how long each request took."""

    company: Company
    thread: str
    began: float = field(default_factory=SYSTEM_CLOCK.monotonic)
    clicks: list[tuple[float, float]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def at(self) -> float:
        return SYSTEM_CLOCK.monotonic() - self.began

    def click(self, ask: Callable[[], Any]) -> Any:
        """Ask the product something as a person does, and note how long it took."""
        began = self.at()
        answer = ask()
        self.clicks.append((began, self.at() - began))
        if not answer.is_success:
            self.refused.append(f"{answer.request.url} {answer.status_code} {answer.text[:200]}")
        return answer.json().get("data")

    def percentiles(self, since: float, until: float) -> str:
        took = [seconds for at, seconds in self.clicks if since <= at < until]
        if len(took) < 2:
            return "none"
        cuts = statistics.quantiles(took, n=20)
        return f"p50 {cuts[9]:.3f} s, p95 {cuts[18]:.3f} s of {len(took)}"


@pytest.fixture
def company(tmp_path: Any) -> Iterator[Company]:
    """A company at a runner of its own, started cold."""
    with start_runner(tmp_path / "state") as runner:
        be_patient(runner)
        with open_company(runner) as opened:
            opened.connect_whatsapp()
            opened.connect_mailbox(poll_interval_ms=10_000)
            yield opened


def every(seconds: float, load: Load, act: Callable[[int], None]) -> None:
    """Do something at a steady pace until the time is over; what comes late is made up for."""
    for number in itertools.count():
        due = number * seconds
        if due >= LASTS_S:
            return
        threading.Event().wait(max(0.0, due - load.at()))  # nothing comes: a person pauses
        act(number)


def write(load: Load, number: int) -> None:
    """Let the customer write, by turns a mail and on WhatsApp."""
    text = f"customer's message {number}"
    if number % 2:
        load.company.write_whatsapp(text)
    else:
        load.company.write_mail(text, text)
    load.written.append(text)


def work(load: Load, agent: Person, number: int) -> None:
    """Do what an agent does next: look at the list, read a thread, answer in it."""
    load.click(lambda: agent.get("/communications/threads"))
    path = f"/communications/threads/{load.thread}"
    load.click(lambda: agent.get(path))
    body = {
        "channel": "WHATSAPP",
        "content": f"answer {agent.id} {number}",
        "to": load.company.customer_number,
    }
    if number % 3 == 0 and (message := load.click(lambda: agent.post(f"{path}/messages", body))):
        load.sent.append(message["message_id"])


def hang(load: Load) -> None:
    """Let Exotel take requests and not answer, for a while."""
    threading.Event().wait(LASTS_S / 3)  # nothing comes: the fault begins later
    load.company.sandbox(
        "/faults", {"operation": "whatsapp.send", "kind": "hang", "seconds": 60, "times": 10_000}
    )
    threading.Event().wait(HANGS_S)  # nothing comes: the fault lasts
    load.company.sandbox("/faults", method="DELETE")


def tracked(load: Load, samples: list[dict[str, int]]) -> None:
    """Record once a second how many instances of functions live, and may live."""
    every(1.0, load, lambda _: samples.append(load.company.runner.instances()))


def test_a_small_teams_load_throws_no_function_away_and_loses_nothing(company: Company, figures: Figures):
    company.write_whatsapp("the first message opens the window")
    (thread,) = eventually(lambda: company.agent.read("/communications/threads"))
    load, samples = Load(company, thread["id"]), []
    agents = [Person(company.runner, company.agent.id, company.agent.email) for _ in range(AGENTS)]
    team = [
        threading.Thread(target=every, args=(BETWEEN_CLICKS_S, load, lambda n, who=who: work(load, who, n)))
        for who in agents
    ]
    others = [
        threading.Thread(target=every, args=(BETWEEN_MESSAGES_S, load, lambda n: write(load, n))),
        threading.Thread(target=hang, args=(load,)),
        threading.Thread(target=tracked, args=(load, samples)),
    ]
    for each in (*team, *others):
        each.start()
    for each in (*team, *others):
        each.join()
    for agent in agents:
        agent.close()

    _show(load, samples, figures)
    assert load.refused == []
    _assert_nothing_was_thrown_away(samples)
    _assert_complete(load)


def _show(load: Load, samples: list[dict[str, int]], figures: Figures) -> None:
    fault = LASTS_S / 3
    figures.show(
        written=len(load.written),
        answered=len(load.sent),
        evictions=samples[-1]["evictions"],
        most_instances=max(each["living"] for each in samples),
        limit=samples[-1]["limit"],
        before_the_fault=load.percentiles(0, fault),
        during_it=load.percentiles(fault, fault + HANGS_S),
        after_it=load.percentiles(fault + HANGS_S, float("inf")),
    )


def _assert_nothing_was_thrown_away(samples: list[dict[str, int]]) -> None:
    """Instances gave way to others only where memory held no more of them."""
    is_short = any(each["living"] >= each["limit"] for each in samples)
    assert is_short or samples[-1]["evictions"] == 0


def _assert_complete(load: Load) -> None:
    company = load.company
    inbound = "SELECT body_text FROM messages WHERE organization_id = %s AND direction = 'inbound'"

    def arrived() -> list[str]:
        texts = [row["body_text"].strip() for row in company.sql(inbound, (company.id,))]
        return sorted(text for text in texts if text.startswith("customer's message"))

    eventually(lambda: len(arrived()) >= len(load.written))
    assert arrived() == sorted(load.written)
    outbound = "SELECT status, provider_sid FROM messages WHERE id = ANY(%s::uuid[])"
    rows = eventually(lambda: _all_at_rest(company.sql(outbound, (load.sent,))))
    accepted = [each["sid"] for each in company.sandbox("/messages")["messages"]]
    assert len(rows) == len(set(load.sent)) == len(load.sent)
    assert sorted(row["provider_sid"] for row in rows if row["provider_sid"]) == sorted(accepted)


def _all_at_rest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows if all(row["status"] in AT_REST for row in rows) else []
