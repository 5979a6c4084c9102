"""The sandbox's page in a real browser: what a customer received, whole, and who else did."""

import smtplib

from local.sandbox import Sandbox
from tests.support.hostile.chromium import Browser
from tests.support.running.runner import ROOT
from tests.support.running.sandbox import SUPPORT, SandboxClient
from tests.support.timing.waiting import eventually

PAGE = ROOT / "local" / "sandbox" / "page" / "page.html"


def send(smtp: smtplib.SMTP, *, subject: str, text: str, headers: str = "") -> None:
    """Send a mail to one recipient by name, one in copy and one in hidden copy."""
    raw = f"From: {SUPPORT[0]}\r\nTo: Asha <asha@customer.example>\r\n{headers}Subject: {subject}\r\n\r\n{text}\r\n"
    everybody = ["asha@customer.example", "ravi@customer.example", "boss@customer.example"]
    smtp.sendmail(SUPPORT[0], everybody, raw.encode())


def test_hidden_copies_are_kept_apart_from_those_that_the_mail_names(
    client: SandboxClient, smtp: smtplib.SMTP
) -> None:
    smtp.login(*SUPPORT)
    send(smtp, subject="Order", text="Sent", headers="Cc: Ravi <RAVI@customer.example>\r\n")

    (mail,) = client.control("GET", "/mail/outbox")["mails"]

    assert mail["to"] == "Asha <asha@customer.example>"
    assert mail["cc"] == "Ravi <RAVI@customer.example>"
    assert mail["bcc"] == ["boss@customer.example"]
    assert len(mail["recipients"]) == 3


def test_a_received_mail_is_shown_whole_and_says_who_had_a_hidden_copy(
    running: Sandbox, client: SandboxClient, smtp: smtplib.SMTP, chromium: Browser
) -> None:
    smtp.login(*SUPPORT)
    for number in range(8):
        send(smtp, subject=f"Order {number}", text="\r\n".join(f"line {line}" for line in range(30)))

    with chromium.open(f"{running.exotel_url}/sandbox/") as page:
        eventually(lambda: page.evaluate("document.querySelectorAll('#mail-list li').length") == 8)
        title = page.evaluate("document.querySelector('#mail-list li p').textContent")
        hidden_px = page.evaluate(
            "(list => list.scrollHeight - list.clientHeight)(document.querySelector('#mail-list'))"
        )

    named = "Order 7 from support@banxway.local to Asha <asha@customer.example>"
    assert title.startswith(f"{named}, hidden copy to ravi@customer.example, boss@customer.example ")
    assert hidden_px == 0


def test_its_customer_has_the_number_that_the_readme_writes_to() -> None:
    readme = (ROOT / "README.md").read_text()

    assert 'name="from" type="tel" required value="+919876543210"' in PAGE.read_text()
    assert '"to": "+919876543210"' in readme
