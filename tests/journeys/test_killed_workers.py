"""A worker killed at each step of a WhatsApp send: nothing is lost and nothing is sent twice (faults 1 to 9).

Arrivals are counted in the simulated Exotel's own log.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest

from banxway.models.messages.delivering import LONGEST_HAND_OVER_S
from tests.support.running.company import Company
from tests.support.running.queues import RunnerQueues
from tests.support.running.runner import Runner
from tests.support.running.sending import (
    MESSAGE_LOCK,
    SWEEPER,
    Sender,
    copy_of,
    deliver_again,
    let_leases_end,
    let_messages_wait,
    sender_at,
    settle_by_callbacks,
    sweep,
)
from tests.support.running.workers import DELIVERER, Workers, holding, unanswered_commits
from tests.support.timing.waiting import PATIENCE_S, eventually

READING_CREDENTIALS = "LOCK TABLE integration_credentials IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
def sender(company: Company) -> Iterator[Sender]:
    with sender_at(company) as opened, company.phone_in_hand():
        yield opened


@pytest.fixture
def workers(runner: Runner) -> Workers:
    return Workers(runner)


def test_killed_before_its_claim_commits_the_message_stays_queued_and_goes_once(
    sender: Sender, workers: Workers
):
    company = sender.company
    with company.runner.paused("MessageQueue") as resume:
        message_id, answer = sender.start()
        with holding(company.runner, MESSAGE_LOCK, (message_id,)):
            resume()
            workers.kill_at_lock(DELIVERER)

    assert answer.result().json()["data"]["status"] == "queued"
    assert company.row(message_id)["status"] == "queued"
    assert company.arrivals(message_id) == []
    let_messages_wait(company)
    assert sweep(company) >= 1
    company.await_status(message_id, "accepted")
    deliver_again(company, message_id)
    assert len(company.arrivals(message_id)) == 1


def test_killed_after_its_claim_and_before_its_hand_over_the_message_goes_once(
    sender: Sender, workers: Workers
):
    company = sender.company
    with company.runner.paused("MessageQueue") as resume:
        message_id, answer = sender.start()
        with holding(company.runner, READING_CREDENTIALS):
            resume()
            company.await_status(message_id, "sending")
            workers.kill_at_lock(DELIVERER)

    assert answer.result().json()["data"]["status"] == "queued"
    _is_sent_once_after_its_lease(company, message_id)


def test_killed_when_it_is_about_to_record_its_hand_over_the_message_goes_once(
    sender: Sender, workers: Workers
):
    company = sender.company
    with company.runner.paused("MessageQueue") as resume:
        message_id, _ = sender.start()
        with ExitStack() as message_lock:
            with holding(company.runner, READING_CREDENTIALS):
                resume()
                company.await_status(message_id, "sending")
                message_lock.enter_context(holding(company.runner, MESSAGE_LOCK, (message_id,)))
            workers.kill_at_lock(DELIVERER)

    _is_sent_once_after_its_lease(company, message_id)


def _is_sent_once_after_its_lease(company: Company, message_id: str) -> None:
    """Nothing was sent, and nothing is while the dead worker's lease lasts; then it is, and only once."""
    deliver_again(company, message_id)
    assert company.row(message_id)["status"] == "sending"
    assert company.arrivals(message_id) == []
    let_leases_end(company)
    sweep(company)
    company.await_status(message_id, "accepted")
    deliver_again(company, message_id)
    assert company.row(message_id)["attempts"] == 2
    assert len(company.arrivals(message_id)) == 1


@pytest.mark.parametrize(
    ("fault", "was_taken"),
    [({"kind": "hold"}, True), ({"kind": "hang"}, False)],
    ids=["exotel took it", "exotel did not"],
)
def test_killed_while_it_waits_for_the_answer_the_message_is_unknown(
    sender: Sender, workers: Workers, fault: dict[str, Any], was_taken: bool
):
    company = sender.company
    company.sandbox("/faults", {"operation": "whatsapp.send", **fault})
    message_id, _ = sender.start()
    workers.kill(DELIVERER, once=lambda: company.arrivals(message_id))

    let_leases_end(company)
    sweep(company)
    deliver_again(company, message_id)
    assert company.row(message_id)["status"] == "unknown"
    assert len(company.arrivals(message_id)) == 1
    if was_taken:
        settle_by_callbacks(company, message_id)


def test_killed_before_it_records_the_answer_the_message_is_unknown_until_its_callback(
    sender: Sender, workers: Workers
):
    company = sender.company
    company.sandbox("/faults", {"operation": "whatsapp.send", "kind": "hold"})
    message_id, _ = sender.start()
    eventually(lambda: company.arrivals(message_id))
    with holding(company.runner, MESSAGE_LOCK, (message_id,)):
        company.sandbox("/release", {})
        workers.kill_at_lock(DELIVERER)

    assert company.row(message_id)["status"] == "sending"
    let_leases_end(company)
    sweep(company)
    deliver_again(company, message_id)
    assert company.row(message_id)["status"] == "unknown"
    settle_by_callbacks(company, message_id)


def test_a_callback_settles_a_message_whose_sender_was_killed_before_any_sweep(
    sender: Sender, workers: Workers
):
    company = sender.company
    company.sandbox("/faults", {"operation": "whatsapp.send", "kind": "hold"})
    message_id, _ = sender.start()
    workers.kill(DELIVERER, once=lambda: company.arrivals(message_id))
    settle_by_callbacks(company, message_id)

    let_leases_end(company)
    sweep(company)
    assert company.row(message_id)["status"] == "read"


def test_killed_between_commit_and_enqueue_the_message_is_found_by_the_sweeper(
    sender: Sender, workers: Workers
):
    company, key = sender.company, str(uuid4())
    with unanswered_commits(company.runner):
        answer = sender.post_in_background(key)
        workers.kill_at_commit("ThreadsSendMessage")
    assert answer.result().status_code >= 500
    message_id = sender.committed()
    eventually(lambda: workers.are_idle(DELIVERER))
    assert company.row(message_id)["status"] == "queued"
    assert company.arrivals(message_id) == []

    let_messages_wait(company)
    assert sweep(company) >= 1
    company.await_status(message_id, "accepted")
    repeated = sender.post(key)
    assert repeated.status_code == 200
    assert repeated.json()["data"]["message_id"] == message_id
    assert len(company.arrivals(message_id)) == 1


def test_a_sweeper_killed_in_mid_batch_leaves_the_rest_to_the_next_sweep(sender: Sender, workers: Workers):
    company = sender.company
    pattern = sender.post().json()["data"]["message_id"]
    dead = [copy_of(company, pattern, "sending") for _ in range(3)]
    waiting = [copy_of(company, pattern, "queued") for _ in range(2)]

    with (
        ThreadPoolExecutor(max_workers=1) as background,
        holding(company.runner, MESSAGE_LOCK, (dead[1],)),
    ):
        cut = background.submit(
            httpx.post, f"{company.runner.url}/local/timers/{SWEEPER}", timeout=PATIENCE_S
        )
        workers.kill_at_lock(SWEEPER)
        assert cut.result().json()["error"] is not None
        assert [company.row(message_id)["status"] for message_id in dead[:2]] == ["unknown", "sending"]

    sweep(company)
    assert [company.row(message_id)["status"] for message_id in dead] == ["unknown"] * 3
    for message_id in waiting:
        company.await_status(message_id, "accepted")
    assert [len(company.arrivals(message_id)) for message_id in (*dead, *waiting)] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("times", [1, 10], ids=["twice", "eleven times"])
def test_the_same_event_delivered_again_and_at_once_sends_once(sender: Sender, times: int):
    company = sender.company
    with company.runner.paused("MessageQueue"):
        message_id, answer = sender.start()
        queues = RunnerQueues(company.runner)
        for _ in range(times):
            queues.send_due(company.id, message_id)
    company.await_status(message_id, "accepted")
    deliver_again(company, message_id, times)

    assert answer.result().json()["data"]["message_id"] == message_id
    assert len(company.arrivals(message_id)) == 1
    assert company.row(message_id)["attempts"] == 1


def test_a_worker_whose_time_is_short_takes_nothing_that_its_time_out_could_stop(sender: Sender):
    """Its function may take less than a hand-over at worst: the item is returned untried, until it is set aside."""
    company = sender.company
    with company.runner.timeout(DELIVERER, LONGEST_HAND_OVER_S - 1):
        message_id, answer = sender.start()
        assert answer.result().json()["data"]["status"] == "queued"
        (letter,) = eventually(lambda: company.admin.read("/settings/dead-letters/items"))
    assert (letter["message_id"], letter["cause"], letter["attempts"]) == (message_id, "no_time", 30)
    row = company.row(message_id)
    assert (row["status"], row["attempts"], company.arrivals(message_id)) == ("queued", 0, [])

    let_messages_wait(company)
    sweep(company)
    company.await_status(message_id, "accepted")
    assert len(company.arrivals(message_id)) == 1
