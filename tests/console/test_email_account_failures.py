"""Each way in which a mail server refuses a login: its line, its field, its cause, and what to do."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.console.mailbox_form import choose_security, fill_in, open_form, press_test
from tests.support.running.company import Company
from tests.support.servers.tcp_server import refused_port

OK = "✓ Connected"


@dataclass(frozen=True)
class Failure:
    """What is typed or broken, and what the form must then say."""

    smtp: str
    imap: str
    where: str
    """The label of the field that is marked."""
    cause: str
    fix: str
    typed: dict[str, Any] = field(default_factory=dict)
    security: tuple[str, str] | None = None
    broken: str | None = None
    """A breakage of the simulated server, by its name."""
    auth: str | None = None
    """An answer of the simulated server to the SMTP login."""


_MAKE_ONE = "Generate an app-specific password and save it"
FAILURES = {
    "535": Failure(
        "✗ Invalid login: 535 Authentication Failed", OK, "App Password",
        "Using the regular account password instead of an app password", _MAKE_ONE,
        auth="535 Authentication Failed",
    ),
    "wrong password": Failure(
        "✗ Invalid login: 535 Authentication Failed", "✗ Invalid login", "App Password",
        "Using the regular account password instead of an app password", _MAKE_ONE,
        typed={"smtp_password": "wrong"},
    ),
    "app password required": Failure(
        "✗ Invalid login", OK, "App Password", "asks for an app password", _MAKE_ONE,
        auth="535 5.7.8 Application-specific password required",
    ),
    "account blocked": Failure(
        "✗ ", OK, "App Password", "", "", auth="535 5.7.0 Your account has been temporarily blocked",
    ),
    "IMAP off": Failure(
        OK, "✗ ", "App Password", "IMAP access is switched off in Zoho Mail", "Switch it on", broken="mail.imap_off",
    ),
    "too many connections": Failure(
        OK, "✗ ", "IMAP host", "Too many IMAP connections", "Ensure only one poller per account",
        broken="mail.too_many_connections",
    ),
    "connection closed": Failure(
        "✗ ", "✗ ", "SMTP host", "The server ends the connection", "Check host and port",
        broken="mail.closes_connections",
    ),
    "connection refused": Failure(
        "✗ Connection refused", OK, "SMTP host", "Zoho server issues, or a wrong host or port",
        "Check host and port", typed={"smtp_port": "refused"},
    ),
    "no answer": Failure(
        OK, "✗ Connection timeout", "IMAP host", "Firewall blocking the port", "Allow outbound 993",
        typed={"imap_port": "silent"},
    ),
    "host not found": Failure(
        "✗ Host not found", OK, "SMTP host", "The host's name does not exist", "Enter the public name",
        typed={"smtp_host": "smtp.nowhere.invalid"},
    ),
    "port mismatch": Failure(
        "✗ TLS Error: port mismatch", OK, "SMTP port", "Wrong port or encryption", "Use port 587 + STARTTLS",
        typed={"smtp_port": 465},
    ),
    "TLS": Failure(
        "✗ TLS Error", OK, "SMTP port", "Wrong port or encryption", "Use port 587 + STARTTLS",
        security=("SMTP", "SSL/TLS"),
    ),
}  # fmt: skip


@contextmanager
def _silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def _broken(company: Company, failure: Failure) -> Iterator[dict[str, Any]]:
    """Break the simulated server; gives what is to be typed."""
    if failure.broken:
        company.sandbox("/breakages", {"name": failure.broken})
    if failure.auth:
        company.sandbox("/mail/faults", {"stage": "auth", "answer": failure.auth, "times": 1})
    ports = {"refused": refused_port()}
    with _silent_port() as ports["silent"]:
        yield {name: ports.get(str(value), value) for name, value in failure.typed.items()}
    company.sandbox("/breakages", method="DELETE")
    company.sandbox("/mail/faults", method="DELETE")


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_each_failing_answer_says_what_failed_why_and_what_to_do(screen, company, failure: Failure):
    dialog = open_form(screen)
    with _broken(company, failure) as typed:
        fill_in(dialog, company, **typed)
        if failure.security:
            choose_security(screen, dialog, *failure.security)
        press_test(dialog)

    found = dialog.get_by_role("alert").filter(has_text="Tested in")
    expect(found).to_contain_text(f"SMTP: {failure.smtp}")
    expect(found).to_contain_text(f"IMAP: {failure.imap}")
    expect(found).to_contain_text(failure.cause)
    expect(found).to_contain_text(failure.fix)
    expect(dialog.get_by_label(failure.where)).to_have_attribute("aria-invalid", "true")
    expect(screen.toast(f"SMTP: {failure.smtp}")).to_be_visible()
    expect(dialog.get_by_label("Email Address")).to_have_value(company.mailbox["email"])


def test_what_is_refused_at_saving_is_said_as_at_testing_and_nothing_is_saved(screen, company):
    dialog = open_form(screen)
    fill_in(dialog, company, smtp_password="wrong")

    dialog.get_by_role("button", name="Add Account").click()

    expect(dialog.get_by_label("App Password")).to_have_accessible_description(
        re.compile("535 Authentication Failed")
    )
    found = dialog.get_by_role("alert").filter(has_text="Tested in")
    expect(found).to_contain_text(_MAKE_ONE)
    screen.is_right("email-account-refused-at-saving")
    assert company.admin.read("/settings/email-accounts") == []
