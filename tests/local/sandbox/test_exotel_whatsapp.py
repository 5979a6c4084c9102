"""WhatsApp at the simulated Exotel: answers per item, the ladder by callback, incoming messages."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.running.sandbox import CallbackListener, SandboxClient
from tests.support.timing.waiting import eventually

SEND = "/v2/accounts/{sid}/messages"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"{not json", 1007, "Expecting property name"),
        (b"[]", 1007, "JSON object"),
        (
            b'{"from": "+911141169368", "to": "+919822200022", "content": {}}',
            1001,
            "at least one channel is mandatory",
        ),
        (b'{"whatsapp": {"messages": []}}', 1001, "messages"),
        (b'{"whatsapp": {"messages": [' + b",".join([b"{}"] * 101) + b"]}}", 1002, "1 to 100"),
    ],
    ids=["not JSON", "not an object", "without the wrapper", "no message", "101 messages"],
)
def test_an_unusable_body_is_refused_whole(client: SandboxClient, body: bytes, code: int, words: str) -> None:
    answer = client.exotel("POST", SEND, data=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["response"]["error_data"]["code"] == code
    assert words in answer.json()["response"]["error_data"]["description"]


def test_each_message_of_a_batch_gets_its_own_answer_in_order(client: SandboxClient) -> None:
    answer = client.send(
        client.template_message(),
        client.text_message(**{"from": "+911234567890"}),
        client.text_message(to=""),
        client.text_message(to="not a number"),
        client.text_message(**{"from": "+911234567890"}, to=""),
        client.text_message(content={"type": "telegram"}),
    )

    body = answer.json()
    items = body["response"]["whatsapp"]["messages"]
    assert (answer.status_code, body["http_code"]) == (202, 202)
    assert body["metadata"] == {"failed": 5, "total": 6, "success": 1}
    assert [item["status"] for item in items] == ["success", *["failure"] * 5]
    assert [item["code"] for item in items] == [202, 400, 400, 400, 400, 400]
    assert len(items[0]["data"]["sid"]) == 32
    errors = [(item["error_data"]["code"], item["error_data"]["message"]) for item in items[1:]]
    assert errors[0] == (1002, "WhatsApp number not found in account")
    assert errors[1][0] == 1001
    assert items[2]["error_data"]["description"].startswith("to ")
    assert errors[2][0] == 1002
    assert errors[3] == errors[0]


def test_the_sender_is_found_in_any_spelling(client: SandboxClient) -> None:
    senders = ["+911141169368", "911141169368", "01141169368"]

    answer = client.send(*[client.template_message(**{"from": each}) for each in senders])

    assert answer.json()["metadata"]["success"] == 3


def test_an_account_without_whatsapp_is_forbidden(client: SandboxClient) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"whatsapp_enabled": False})

    answer = client.send(client.text_message())

    assert answer.status_code == 403
    assert answer.json()["response"]["error_data"]["message"] == "WhatsApp not enabled"


def test_an_accepted_message_climbs_the_ladder_by_callback(
    client: SandboxClient, listener: CallbackListener
) -> None:
    message = client.template_message(status_callback=listener.url, custom_data="row-1")
    sid = client.send(message).json()["response"]["whatsapp"]["messages"][0]["data"]["sid"]

    eventually(lambda: len(listener.bodies) == 3)

    # Each step is posted in a request of its own, so that a later one may overtake it.
    assert sorted(listener.codes()) == [30001, 30002, 30003]
    first = next(item for item in listener.items() if item["exo_status_code"] == 30001)
    assert datetime.fromisoformat(first.pop("timestamp")).utcoffset() == timedelta(hours=5, minutes=30)
    assert first == {
        "callback_type": "dlr",
        "sid": sid,
        "to": "+919822200022",
        "exo_status_code": 30001,
        "exo_detailed_status": "EX_MESSAGE_SENT",
        "description": "Message sent",
        "custom_data": "row-1",
    }


@pytest.mark.parametrize("level", ["message", "whatsapp", "root"])
def test_callback_and_custom_data_count_at_every_level(
    client: SandboxClient, listener: CallbackListener, level: str
) -> None:
    message = client.template_message()
    root: dict[str, Any] = {"whatsapp": {"messages": [message]}}
    target = {"message": message, "whatsapp": root["whatsapp"], "root": root}[level]
    target |= {"status_callback": listener.url, "custom_data": level}

    client.exotel("POST", SEND, json=root)

    assert eventually(listener.items)[0]["custom_data"] == level


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "unheard_of"}, 30023),
        ({"name": "delivery_reminder", "words": 2}, 30023),
        ({"words": 2}, 30023),
    ],
    ids=["unknown template", "not approved", "too few variables"],
)
def test_a_wrong_template_is_accepted_and_fails_later(
    client: SandboxClient, listener: CallbackListener, values: dict[str, Any], code: int
) -> None:
    answer = client.send(client.template_message(status_callback=listener.url, **values))

    assert answer.json()["metadata"]["success"] == 1
    eventually(listener.bodies.__len__)
    assert listener.codes() == [code]


@pytest.mark.parametrize("value", ["a     b", "a\nb", "a\tb", " ", "x" * 1025], ids=ascii)
def test_a_value_that_breaks_whatsapps_rules_is_accepted_and_fails_later(
    client: SandboxClient, listener: CallbackListener, value: str
) -> None:
    message = client.template_message(status_callback=listener.url)
    message["content"]["template"]["components"][0]["parameters"][0]["text"] = value

    client.send(message)

    eventually(listener.bodies.__len__)
    assert listener.codes() == [30023]


@pytest.mark.parametrize(
    "component",
    [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "HEADER", "format": "TEXT", "text": "{{1}}"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://t.example/{{1}}"}]},
        {"type": "BODY", "text": "{{name}}"},
    ],
    ids=["picture", "header", "button", "name"],
)
def test_a_template_with_parts_that_want_values_fails_without_them(
    client: SandboxClient, listener: CallbackListener, component: dict[str, Any]
) -> None:
    template = {"name": "parts", "language": "en", "category": "UTILITY", "status": "APPROVED"}
    body = [] if component["type"] == "BODY" else [{"type": "BODY", "text": "Hello"}]
    change = {"templates": [template | {"components": [*body, component]}]}
    client.control("PATCH", "/accounts/banxway_demo1", change)

    client.send(client.template_message(name="parts", words=len(body) == 0, status_callback=listener.url))

    eventually(listener.bodies.__len__)
    assert listener.codes() == [30023]


def test_free_text_is_delivered_only_inside_the_window_that_the_customer_opened(
    client: SandboxClient, listener: CallbackListener
) -> None:
    client.send(client.text_message(status_callback=listener.url))
    eventually(lambda: listener.codes() == [30018])

    client.control("POST", "/incoming", {"from": "+919822200022", "to": "+911141169368", "text": "Yes"})
    client.send(client.text_message(status_callback=listener.url))

    eventually(lambda: [code for code in listener.codes() if code == 30003])


def test_the_window_can_be_closed_by_hand(client: SandboxClient, listener: CallbackListener) -> None:
    window = {"account_sid": "banxway_demo1", "number": "+911141169368", "customer": "+919822200022"}
    client.control("POST", "/windows", {**window, "open": True})
    client.control("POST", "/windows", {**window, "open": False})

    client.send(client.text_message(status_callback=listener.url))

    eventually(listener.bodies.__len__)
    assert listener.codes() == [30018]


def test_a_reply_goes_to_the_last_messages_callback_and_a_first_contact_to_the_default(
    client: SandboxClient, listener: CallbackListener
) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"default_webhook_url": listener.url + "?default"})
    client.control("POST", "/ladder", {"auto": False})
    customer = {
        "from": "09822200022",
        "to": "+911141169368",
        "text": "Hi",
        "profile_name": "Asha",
        "sid": "in-1",
    }

    first = client.control("POST", "/incoming", customer)
    client.send(client.template_message(status_callback=listener.url + "?reply"))
    second = client.control("POST", "/incoming", customer)

    assert first["posted_to"].endswith("?default")
    assert second["posted_to"].endswith("?reply")
    item = listener.items()[0]
    item.pop("timestamp")
    assert item == {
        "callback_type": "incoming_message",
        "sid": "in-1",
        "from": "+919822200022",
        "to": "+911141169368",
        "profile_name": "Asha",
        "content": {"type": "text", "text": {"body": "Hi"}},
    }


def test_an_incoming_message_can_lack_its_sid(client: SandboxClient, listener: CallbackListener) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"default_webhook_url": listener.url})

    client.control(
        "POST", "/incoming", {"from": "+919822200022", "to": "+911141169368", "text": "ok", "sid": None}
    )

    assert "sid" not in listener.items()[0]


def test_a_callback_that_is_refused_is_tried_twice_more(
    client: SandboxClient, listener: CallbackListener
) -> None:
    listener.answers = [500, 302, 200]
    client.control("PATCH", "/accounts/banxway_demo1", {"default_webhook_url": listener.url})

    client.control("POST", "/incoming", {"from": "+919822200022", "to": "+911141169368", "text": "Hi"})

    attempts = client.control("GET", "/callbacks")["callbacks"]
    assert [(each["number"], each["status"]) for each in attempts] == [(1, 500), (2, 302), (3, 200)]
    assert listener.raw[0] == listener.raw[2]


def test_an_unreachable_listener_is_noted_with_the_reason(client: SandboxClient) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"default_webhook_url": "http://127.0.0.1:1/"})

    client.control("POST", "/incoming", {"from": "+919822200022", "to": "+911141169368", "text": "Hi"})

    attempt = client.control("GET", "/callbacks")["callbacks"][0]
    assert attempt["status"] is None
    assert "NewConnectionError" in attempt["error"]


def test_reports_can_be_posted_by_hand_reversed_and_repeated(
    client: SandboxClient, listener: CallbackListener
) -> None:
    client.control("POST", "/ladder", {"auto": False})
    message = client.template_message(status_callback=listener.url)
    sid = client.send(message).json()["response"]["whatsapp"]["messages"][0]["data"]["sid"]

    order = {"sid": sid, "codes": [30001, 30002, 30003], "reverse": True, "repeat": 2}
    client.control("POST", "/callbacks", order)

    assert listener.codes() == [30003, 30002, 30001] * 2
    times = [item["timestamp"] for item in listener.items()[:3]]
    assert times == sorted(times, reverse=True)


def test_reports_can_be_posted_in_one_batch(client: SandboxClient, listener: CallbackListener) -> None:
    client.control("POST", "/ladder", {"auto": False})
    message = client.template_message(status_callback=listener.url)
    sid = client.send(message).json()["response"]["whatsapp"]["messages"][0]["data"]["sid"]

    client.control("POST", "/callbacks", {"sid": sid, "codes": [30001, 30002], "batch": True})

    assert len(listener.bodies) == 1
    assert listener.codes() == [30001, 30002]


def test_any_body_can_be_posted_by_hand(client: SandboxClient, listener: CallbackListener) -> None:
    client.control("POST", "/callbacks", {"url": listener.url, "body": {"odd": True}})

    assert listener.bodies == [{"odd": True}]


def test_callbacks_are_signed_once_a_secret_is_set(client: SandboxClient, listener: CallbackListener) -> None:
    import hashlib
    import hmac

    client.control("POST", "/callbacks", {"url": listener.url, "body": {}})
    client.control("POST", "/settings", {"signature_secret": "s"})
    client.control("POST", "/callbacks", {"url": listener.url, "body": {}})

    expected = "sha256=" + hmac.new(b"s", listener.raw[1], hashlib.sha256).hexdigest()
    assert "X-Exotel-Signature" not in listener.headers[0]
    assert listener.headers[1]["X-Exotel-Signature"] == expected


def test_what_was_received_is_listed_with_body_ids_and_outcome(client: SandboxClient) -> None:
    client.exotel("GET", "/v1/Accounts/{sid}/Calls.json")
    message = client.template_message()
    answer = client.send(message).json()

    received = client.control("GET", "/received?kind=whatsapp")["received"]

    sid = answer["response"]["whatsapp"]["messages"][0]["data"]["sid"]
    assert [each["operation"] for each in received] == ["whatsapp.send"]
    assert received[0]["body"] == {"whatsapp": {"messages": [message]}}
    assert received[0]["sids"] == [sid]
    assert received[0]["outcome"] == {"status": 202, "sids": [sid]}
    assert "demo-token" not in str(received)
