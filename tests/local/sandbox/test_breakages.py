"""Breakages by name: what a client of the simulated providers sees of each, and that a repair ends it."""

import imaplib
import re
import smtplib
import ssl
import threading
from typing import Any

import pytest
import requests

from local.sandbox import Sandbox
from local.sandbox.exotel.breakages import EXOTEL
from local.sandbox.mailbox.faults import MAIL
from tests.support.running.runner import ROOT
from tests.support.running.sandbox import SUPPORT, SandboxClient, connect_imap
from tests.support.timing.waiting import PATIENCE_S, eventually

WORDS = ROOT / "console" / "src" / "words" / "sandbox" / "breakages.ts"
OURS = b"From: support@banxway.local\r\nTo: asha@customer.example\r\nSubject: Hi\r\n\r\nHello\r\n"

REFUSED = {
    "exotel.refuses_key": (401, "Authorization failed"),
    "exotel.suspended": (403, "Account inactive"),
    "exotel.refuses_address": (403, "IP not whitelisted"),
    "exotel.whatsapp_off": (403, "WhatsApp not enabled"),
    "exotel.throttles": (429, "Too many requests"),
    "exotel.down": (503, "Service unavailable"),
}
SPOILED = ["exotel.answer_lost", "exotel.answer_cut", "exotel.answers_html", "exotel.no_sid"]


def break_it(client: SandboxClient, name: str, **values: Any) -> None:
    client.control("POST", "/breakages", {"name": name, **values})


def accepted(client: SandboxClient) -> int:
    return len(client.control("GET", "/messages")["messages"])


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_lasts_until_it_is_repaired_and_accepts_nothing(client: SandboxClient, name: str) -> None:
    break_it(client, name)

    answers = [client.send(client.template_message()) for _ in range(3)]
    client.control("DELETE", f"/breakages/{name}")
    repaired = client.send(client.template_message())

    assert {answer.status_code for answer in answers} == {REFUSED[name][0]}
    assert answers[0].json()["response"]["error_data"]["message"] == REFUSED[name][1]
    assert (repaired.status_code, accepted(client)) == (202, 1)


def test_voice_that_is_off_leaves_whatsapp_alone(client: SandboxClient) -> None:
    break_it(client, "exotel.voice_off")

    calls = client.exotel("GET", "/v1/Accounts/{sid}/Calls.json")

    assert (calls.status_code, calls.json()["RestException"]["Message"]) == (403, "Voice not enabled")
    assert client.send(client.template_message()).status_code == 202


def test_a_number_that_is_not_verified_is_refused_for_each_message(client: SandboxClient) -> None:
    break_it(client, "exotel.number_unverified")

    (item,) = client.send(client.template_message()).json()["response"]["whatsapp"]["messages"]

    assert item["error_data"]["message"] == "WhatsApp number not found in account"
    assert accepted(client) == 0


def test_a_message_by_a_template_that_is_gone_fails_on_the_customers_phone(client: SandboxClient) -> None:
    break_it(client, "exotel.no_templates")

    assert client.send(client.template_message()).status_code == 202

    eventually(lambda: [step["code"] for step in _only_message(client)["ladder"]] == [30023])


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_answer_hides_an_accepted_message(client: SandboxClient, name: str) -> None:
    break_it(client, name)

    try:
        said = client.send(client.template_message()).content
    except requests.RequestException:
        said = b""

    assert b'"sid"' not in said
    assert accepted(client) == 1


@pytest.mark.parametrize("name", ["exotel.silent", "exotel.closes"])
def test_an_exotel_that_does_not_answer_accepts_nothing(client: SandboxClient, name: str) -> None:
    break_it(client, name)

    with pytest.raises(requests.RequestException):
        client.send(client.template_message(), timeout=(PATIENCE_S, 0.5))

    assert accepted(client) == 0


@pytest.mark.parametrize(
    "path", ["/breakages", "/breakages/exotel.withholds"], ids=["everything", "it alone"]
)
def test_a_withheld_answer_arrives_with_the_repair(client: SandboxClient, path: str) -> None:
    break_it(client, "exotel.withholds")
    answers: list[int] = []
    sending = threading.Thread(
        target=lambda: answers.append(client.send(client.template_message()).status_code)
    )
    sending.start()
    eventually(lambda: accepted(client) == 1)

    before = list(answers)
    requests.delete(f"{client.sandbox.exotel_url}/_sandbox{path}", timeout=PATIENCE_S)
    sending.join()

    assert (before, answers) == ([], [202])


def test_for_one_request_means_one(client: SandboxClient) -> None:
    break_it(client, "exotel.down", times=2)

    statuses = [client.send(client.template_message()).status_code for _ in range(3)]

    assert statuses == [503, 503, 202]
    assert client.control("GET", "/breakages")["broken"] == []


@pytest.mark.parametrize(
    "values",
    [{"name": "exotel.tired"}, {"name": "exotel.down", "times": 0}, {"name": "exotel.down", "times": True}],
    ids=["name", "times", "type"],
)
def test_a_breakage_that_cannot_be_is_refused(client: SandboxClient, values: dict[str, Any]) -> None:
    answer = requests.post(f"{client.sandbox.exotel_url}/_sandbox/breakages", json=values, timeout=PATIENCE_S)

    assert answer.status_code == 400
    assert list(values)[-1] in answer.json()["error"]
    assert client.control("GET", "/breakages")["broken"] == []


@pytest.mark.parametrize(
    "name", [name for name, each in MAIL.items() if each.smtp and each.smtp.kind == "answer"]
)
def test_a_mail_is_refused_until_the_repair(client: SandboxClient, smtp: smtplib.SMTP, name: str) -> None:
    break_it(client, name)
    fault = MAIL[name].smtp
    assert fault is not None

    with pytest.raises(smtplib.SMTPException) as refused:
        _send(smtp)

    assert fault.answer.partition(" ")[2] in str(refused.value)
    assert client.control("GET", "/mail/outbox")["mails"] == []


def test_a_mail_leaves_after_the_repair(
    running: Sandbox, client: SandboxClient, trusted: ssl.SSLContext
) -> None:
    break_it(client, "mail.temporary_error")
    client.control("DELETE", "/breakages")

    with smtplib.SMTP_SSL(running.smtps.host, running.smtps.port, context=trusted) as smtp:
        _send(smtp)

    assert len(client.control("GET", "/mail/outbox")["mails"]) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mail.refuses_password", "Invalid credentials"),
        ("mail.imap_off", "enable IMAP"),
        ("mail.too_many_connections", "Too many simultaneous connections"),
    ],
)
def test_a_login_over_imap_is_refused_until_the_repair(
    running: Sandbox, client: SandboxClient, trusted: ssl.SSLContext, name: str, said: str
) -> None:
    break_it(client, name)
    imap = connect_imap(running, trusted)

    with pytest.raises(imaplib.IMAP4.error, match=said):
        imap.login(*SUPPORT)
    client.control("DELETE", f"/breakages/{name}")

    assert imap.login(*SUPPORT)[0] == "OK"
    imap.shutdown()


def test_a_server_that_closes_connections_says_nothing(
    running: Sandbox, client: SandboxClient, trusted: ssl.SSLContext
) -> None:
    break_it(client, "mail.closes_connections")

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        smtplib.SMTP(running.smtp.host, running.smtp.port, timeout=PATIENCE_S)
    with pytest.raises((imaplib.IMAP4.abort, ConnectionError, ssl.SSLError)):
        connect_imap(running, trusted)


def test_a_request_names_what_broke_its_answer(client: SandboxClient) -> None:
    break_it(client, "exotel.down")
    client.send(client.template_message())

    shown = client.control("GET", "/conversation")

    (request,) = shown["requests"]
    assert (request["fault"], request["outcome"]["status"]) == ("exotel.down", 503)
    assert "body" not in request
    assert shown["broken"] == [{"name": "exotel.down", "left": None}]


def test_the_console_has_words_for_everything_that_can_break() -> None:
    named = set(re.findall(r'^  "([a-z_.]+)": \{', WORDS.read_text(), re.MULTILINE))

    assert named == {*EXOTEL, *MAIL}


def _send(smtp: smtplib.SMTP) -> None:
    smtp.login(*SUPPORT)
    smtp.sendmail(SUPPORT[0], ["asha@customer.example"], OURS)


def _only_message(client: SandboxClient) -> dict[str, Any]:
    (message,) = client.control("GET", "/messages")["messages"]
    return dict(message)
