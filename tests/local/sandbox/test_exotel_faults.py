"""Faults on demand: what the caller sees, and whether the message was accepted all the same."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from local.sandbox.exotel import endpoint
from tests.support.running.sandbox import CallbackListener, SandboxClient
from tests.support.timing.waiting import PATIENCE_S, eventually


def fault(client: SandboxClient, kind: str, **values: Any) -> None:
    client.control("POST", "/faults", {"operation": "whatsapp.send", "kind": kind, **values})


def accepted(client: SandboxClient) -> int:
    return len(client.control("GET", "/messages")["messages"])


def test_a_status_fault_accepts_nothing_and_says_when_to_come_back(client: SandboxClient) -> None:
    fault(client, "status", status=429, retry_after=7)

    answer = client.send(client.template_message())

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["response"]["error_data"]["code"] == 10724
    assert accepted(client) == 0


def test_a_fault_strikes_as_often_as_asked_and_only_its_operation(client: SandboxClient) -> None:
    fault(client, "status", status=503, times=2)

    calls = client.exotel("GET", "/v1/Accounts/{sid}/Calls.json").status_code
    sends = [client.send(client.template_message()).status_code for _ in range(3)]

    assert (calls, sends) == (200, [503, 503, 202])


def test_faults_can_be_forgotten(client: SandboxClient) -> None:
    fault(client, "status", times=9)

    client.control("DELETE", "/faults")

    assert client.send(client.template_message()).status_code == 202


@pytest.mark.parametrize("kind", ["hang", "close"])
def test_without_an_answer_nothing_is_accepted(client: SandboxClient, kind: str) -> None:
    fault(client, kind)

    with pytest.raises((requests.ConnectionError, requests.ReadTimeout)):
        client.send(client.template_message(), timeout=(PATIENCE_S, 0.3))

    received = eventually(lambda: client.control("GET", "/received")["received"])
    assert [each["fault"] for each in received] == [kind]
    assert accepted(client) == 0


@pytest.mark.parametrize("count", [0, 1, 20, 120, 300])
def test_an_answer_can_break_off_after_any_byte_although_the_message_was_accepted(
    client: SandboxClient, count: int
) -> None:
    fault(client, "close_after_bytes", bytes=count)

    with pytest.raises(requests.RequestException):  # a head cut short is read as an answer without a body
        client.send(client.template_message(), timeout=PATIENCE_S).json()

    assert accepted(client) == 1


@pytest.mark.parametrize(
    ("kind", "status", "readable"),
    [("html", 200, False), ("truncated", 200, False), ("no_sid", 202, True), ("accept_then_500", 500, True)],
)
def test_a_spoiled_answer_hides_an_accepted_message(
    client: SandboxClient, kind: str, status: int, readable: bool
) -> None:
    fault(client, kind)

    answer = client.send(client.template_message())

    assert answer.status_code == status
    assert b'"sid"' not in answer.content
    if readable:
        answer.json()
    else:
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert accepted(client) == 1


def test_a_held_answer_comes_after_the_callbacks(client: SandboxClient, listener: CallbackListener) -> None:
    fault(client, "hold")
    answers: list[int] = []
    message = client.template_message(status_callback=listener.url)
    sending = threading.Thread(target=lambda: answers.append(client.send(message).status_code))
    sending.start()

    eventually(lambda: len(listener.bodies) == 3)
    early = list(answers)
    outcome = client.control("GET", "/received")["received"][0]["outcome"]
    requests.post(f"{client.sandbox.exotel_url}/_sandbox/release", timeout=PATIENCE_S)
    sending.join()

    assert (early, outcome) == ([], None)
    assert answers == [202]


def test_a_delayed_answer_is_the_usual_one(client: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(endpoint, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
    fault(client, "delay", seconds=300)

    answer = client.send(client.template_message())

    assert answer.status_code == 202
    assert slept == [300]


@pytest.mark.parametrize(
    "values",
    [{"kind": "explode"}, {"operation": "mail"}, {"times": 0}, {"colour": 1}, {"bytes": "many"}],
    ids=["kind", "operation", "times", "unknown field", "type"],
)
def test_a_fault_that_cannot_be_is_refused(client: SandboxClient, values: dict[str, Any]) -> None:
    body = {"operation": "whatsapp.send", "kind": "hang", **values}

    answer = requests.post(f"{client.sandbox.exotel_url}/_sandbox/faults", json=body, timeout=PATIENCE_S)

    assert answer.status_code == 400
    assert next(iter(values)) in answer.json()["error"]
