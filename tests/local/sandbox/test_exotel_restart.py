"""The simulated Exotel after a restart: it knows what it knew, and goes on with what was on its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.sandbox import start
from tests.support.running.sandbox import CallbackListener, SandboxClient
from tests.support.timing.waiting import eventually

CUSTOMER = "+919876543210"


@contextmanager
def started(state: Path) -> Iterator[SandboxClient]:
    """Run a sandbox on a state folder."""
    sandbox = start(state, webhook_base_url="http://127.0.0.1:1")
    client = SandboxClient(sandbox)
    try:
        yield client
    finally:
        client.session.close()
        sandbox.stop()


def write_as_customer(client: SandboxClient) -> None:
    incoming = {"from": CUSTOMER, "to": client.account["whatsapp_number"], "text": "Hello"}
    client.control("POST", "/incoming", incoming)


def test_a_window_stays_open(tmp_path: Path) -> None:
    with started(tmp_path) as before:
        write_as_customer(before)
    with started(tmp_path) as after:
        after.send(after.text_message(to=CUSTOMER))
        (message,) = after.control("GET", "/messages")["messages"]

    assert message["fate"] == [30001, 30002, 30003]


def test_a_window_that_was_closed_by_hand_stays_closed(tmp_path: Path) -> None:
    window = {"account_sid": "banxway_demo1", "customer": CUSTOMER, "open": False}
    with started(tmp_path) as before:
        write_as_customer(before)
        before.control("POST", "/windows", {**window, "number": before.account["whatsapp_number"]})
    with started(tmp_path) as after:
        after.send(after.text_message(to=CUSTOMER))
        (message,) = after.control("GET", "/messages")["messages"]

    assert message["fate"] == [30018]


def test_its_records_and_accounts_are_those_of_before(tmp_path: Path, listener: CallbackListener) -> None:
    paths = ("/accounts", "/received", "/messages", "/incoming", "/callbacks")
    with started(tmp_path) as before:
        before.control("PATCH", "/accounts/banxway_demo1", {"default_webhook_url": listener.url})
        before.control("POST", "/accounts/banxway_demo1/templates", {"name": "mine", "body": "Hi {{1}}"})
        before.control(
            "POST",
            "/accounts",
            {"account_sid": "third", "api_key": "k", "api_token": "t", "numbers": ["0800123456"]},
        )
        before.control("POST", "/ladder", {"delays": {"sent": 0, "delivered": 0, "seen": 0}})
        write_as_customer(before)
        before.send(before.text_message(to=CUSTOMER, status_callback=listener.url))
        eventually(lambda: sorted(listener.codes()) == [30001, 30002, 30003])
        eventually(lambda: len(before.control("GET", "/callbacks")["callbacks"]) == 4)
        known = [before.control("GET", path) for path in paths]

    with started(tmp_path) as after:
        assert [after.control("GET", path) for path in paths] == known
        after.control(
            "POST", "/incoming", {"from": CUSTOMER, "to": after.account["whatsapp_number"], "text": "Me"}
        )

        assert after.control("GET", "/incoming")["incoming"][-1]["posted_to"] == listener.url


def test_a_message_on_its_way_still_arrives(tmp_path: Path, listener: CallbackListener) -> None:
    with started(tmp_path) as before:
        before.control("POST", "/ladder", {"delays": {"sent": 0, "delivered": 86_400, "seen": 86_400}})
        write_as_customer(before)
        before.send(before.text_message(to=CUSTOMER, status_callback=listener.url))
        eventually(lambda: before.control("GET", "/callbacks")["callbacks"])
    with started(tmp_path):
        eventually(lambda: len(listener.codes()) == 3)

    assert listener.codes() == [30001, 30002, 30003]


def test_a_report_that_nobody_took_is_posted_again(tmp_path: Path, listener: CallbackListener) -> None:
    with started(tmp_path) as before:
        before.control("POST", "/settings", {"retry_delays": []})
        before.control("POST", "/ladder", {"delays": {"sent": 0, "delivered": 86_400, "seen": 86_400}})
        write_as_customer(before)
        listener.answers = [503]
        before.send(before.text_message(to=CUSTOMER, status_callback=listener.url))
        eventually(lambda: before.control("GET", "/callbacks")["callbacks"])
    with started(tmp_path) as after:
        eventually(lambda: len(listener.codes()) == 4)
        (message,) = after.control("GET", "/messages")["messages"]

    assert listener.codes() == [30001, 30001, 30002, 30003]
    assert [step["code"] for step in message["ladder"]] == [30001, 30002, 30003]
    first, again = [item for item in listener.items() if item.get("exo_status_code") == 30001]
    assert first == again


def test_what_is_reported_by_hand_alone_is_not_reported_by_a_restart(tmp_path: Path) -> None:
    with started(tmp_path) as before:
        before.control("POST", "/ladder", {"auto": False})
        write_as_customer(before)
        before.send(before.text_message(to=CUSTOMER))
        by_hand = before.control("GET", "/messages")["messages"]
    with started(tmp_path) as after:
        assert [each["climbs"] for each in by_hand] == [False]
        assert after.control("GET", "/messages")["messages"] == by_hand


def test_a_reset_forgets_for_good(tmp_path: Path) -> None:
    with started(tmp_path) as before:
        write_as_customer(before)
        before.control("POST", "/reset")
    with started(tmp_path) as after:
        assert after.control("GET", "/incoming")["incoming"] == []
