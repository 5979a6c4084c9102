"""What the sandbox page shows: mails in both directions, files, hidden copies, and what became of a message."""

import base64
import smtplib
from typing import Any

import pytest
import requests

from tests.support.running.sandbox import SUPPORT, CallbackListener, SandboxClient
from tests.support.timing.waiting import PATIENCE_S


def send(smtp: smtplib.SMTP, *, headers: str = "") -> None:
    """Send a mail to one recipient by name, one in copy and one in hidden copy."""
    raw = f"From: {SUPPORT[0]}\r\nTo: Asha <asha@customer.example>\r\n{headers}Subject: Order\r\n\r\nSent\r\n"
    everybody = ["asha@customer.example", "ravi@customer.example", "boss@customer.example"]
    smtp.sendmail(SUPPORT[0], everybody, raw.encode())


def refusal(client: SandboxClient, path: str, body: dict[str, Any]) -> str:
    """Return the sentence with which something is refused."""
    answer = requests.post(f"{client.sandbox.exotel_url}/_sandbox{path}", json=body, timeout=PATIENCE_S)
    assert answer.status_code == 400
    return str(answer.json()["error"])


def test_hidden_copies_are_kept_apart_from_those_that_the_mail_names(
    client: SandboxClient, smtp: smtplib.SMTP
) -> None:
    smtp.login(*SUPPORT)
    send(smtp, headers="Cc: Ravi <RAVI@customer.example>\r\n")

    (mail,) = client.control("GET", "/conversation")["received_mails"]

    assert mail["to"] == "Asha <asha@customer.example>"
    assert mail["cc"] == "Ravi <RAVI@customer.example>"
    assert mail["bcc"] == ["boss@customer.example"]
    assert len(mail["recipients"]) == 3


def test_a_customers_mail_arrives_with_its_files(client: SandboxClient) -> None:
    file = {"filename": "Brief.txt", "content_type": "text/plain", "base64": base64.b64encode(b"Hi").decode()}
    client.control(
        "POST",
        "/mail",
        {"to": SUPPORT[0], "from": "a@customer.example", "text": "See", "attachments": [file]},
    )

    (mail,) = client.control("GET", "/conversation")["written_mails"]

    assert (mail["files"], mail["text"].strip(), mail["account"]) == (["Brief.txt"], "See", SUPPORT[0])


@pytest.mark.parametrize("file", [{"filename": "a", "base64": "?"}, {"base64": "aGk="}, "a"])
def test_a_file_that_cannot_be_read_is_refused(client: SandboxClient, file: Any) -> None:
    body = {"to": SUPPORT[0], "from": "a@customer.example", "text": "See", "attachments": [file]}

    assert refusal(client, "/mail", body).startswith("attachments: ")
    assert client.control("GET", "/conversation")["written_mails"] == []


def test_only_the_newest_are_shown_oldest_first(client: SandboxClient) -> None:
    for number in range(4):
        body = {"to": SUPPORT[0], "from": "a@customer.example", "text": "Hi", "subject": f"Mail {number}"}
        client.control("POST", "/mail", body)

    shown = client.control("GET", "/conversation?last=2")["written_mails"]

    assert [mail["subject"] for mail in shown] == ["Mail 2", "Mail 3"]


@pytest.mark.parametrize(("answer", "arrived"), [(200, True), (500, False)])
def test_it_says_whether_the_product_took_what_the_customer_wrote(
    client: SandboxClient, listener: CallbackListener, answer: int, arrived: bool
) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"default_webhook_url": listener.url})
    listener.answers = [answer] * 3
    message = {"from": "+919876543210", "to": client.account["whatsapp_number"], "text": "Hi"}
    client.control("POST", "/incoming", message)

    shown = client.control("GET", "/conversation")

    assert shown["incoming"][0]["arrived"] is arrived
    assert shown["addresses"]["banxway_demo1"] == listener.url


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("from", {"from": "Asha", "to": "+911141169368", "text": "Hi"}),
        ("text", {"from": "+919876543210", "to": "+911141169368", "text": ""}),
    ],
)
def test_a_refusal_names_its_field(client: SandboxClient, field: str, body: dict[str, str]) -> None:
    assert refusal(client, "/incoming", body).startswith(f"{field}: ")


@pytest.mark.parametrize("field", ["from", "to"])
def test_a_mail_that_lacks_a_field_is_refused_by_its_name(client: SandboxClient, field: str) -> None:
    body = {"to": SUPPORT[0], "from": "a@customer.example", "text": "Hi"} | {field: ""}

    assert refusal(client, "/mail", body).startswith(f"{field}: ")
