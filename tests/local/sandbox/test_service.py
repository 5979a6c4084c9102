"""Starting, stopping and starting again; the page's API; the sandbox as a program of its own."""

import asyncio
import imaplib
import json
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import requests
from starlette.applications import Starlette
from starlette.routing import Mount

from local.sandbox import Sandbox, start
from tests.support.running.sandbox import SUPPORT, SandboxClient, put_mail
from tests.support.timing.waiting import PATIENCE_S

MAIL = b"From: asha@customer.example\r\nSubject: Kept\r\n\r\n\xff\x00\xfe\r\n"


def test_mail_ports_and_certificates_survive_a_restart(tmp_path: Path) -> None:
    first = start(tmp_path, webhook_base_url="http://127.0.0.1:1")
    uid = put_mail(SandboxClient(first), MAIL)
    authority = first.ca_file.read_bytes()
    first.stop()

    second = start(tmp_path, webhook_base_url="http://127.0.0.1:1")
    tls = ssl.create_default_context(cafile=second.ca_file)
    with imaplib.IMAP4_SSL(second.imap.host, second.imap.port, ssl_context=tls, timeout=PATIENCE_S) as imap:
        imap.login(*SUPPORT)
        imap.select("INBOX", readonly=True)
        _, parts = imap.uid("FETCH", str(uid), "(BODY.PEEK[])")
    second.stop()

    assert parts[0][1] == MAIL
    assert (second.smtp, second.imap, second.exotel_url) == (first.smtp, first.imap, first.exotel_url)
    assert second.ca_file.read_bytes() == authority


def test_stopping_frees_the_ports_although_a_request_hangs(tmp_path: Path) -> None:
    sandbox = start(tmp_path, webhook_base_url="http://127.0.0.1:1")
    client = SandboxClient(sandbox)
    client.control("POST", "/faults", {"operation": "*", "kind": "hang"})
    with pytest.raises(requests.ReadTimeout):
        client.exotel("GET", "/v1/Accounts/{sid}/Calls.json", timeout=(PATIENCE_S, 0.2))

    sandbox.stop()
    sandbox.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((sandbox.smtp.host, sandbox.smtp.port), timeout=PATIENCE_S)
    client.session.close()


def test_it_runs_alone_and_ends_quietly_on_sigterm_with_clients_connected(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "local.sandbox", "--state", str(tmp_path)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert program.stdout is not None

    addresses = json.loads(program.stdout.readline())
    accounts = requests.get(f"{addresses['exotel_url']}/_sandbox/accounts", timeout=PATIENCE_S).json()[
        "accounts"
    ]
    tls = ssl.create_default_context(cafile=addresses["ca_file"])
    imap = imaplib.IMAP4_SSL("127.0.0.1", addresses["imap"]["port"], ssl_context=tls, timeout=PATIENCE_S)
    imap.login(*SUPPORT)
    smtp = smtplib.SMTP("127.0.0.1", addresses["smtp"]["port"], timeout=PATIENCE_S)
    smtp.starttls(context=tls)
    smtp.login(*SUPPORT)
    program.send_signal(signal.SIGTERM)
    _, errors = program.communicate(timeout=PATIENCE_S)

    assert [each["account_sid"] for each in accounts] == ["banxway_demo1", "other_co1"]
    assert (program.returncode, errors) == (0, "")
    imap.shutdown()
    smtp.close()


def browser(running: Sandbox) -> httpx.AsyncClient:
    """Return a client of the page's API on this test's own event loop, as in the runner's gateway."""
    app = Starlette(routes=[Mount("/sandbox/api", running.api)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway/sandbox/api")


def test_the_page_plays_the_customer_from_another_event_loop(running: Sandbox, client: SandboxClient) -> None:
    mail = {"to": SUPPORT[0], "from": "asha@customer.example", "subject": "Grüße", "text": "Wo ist es?"}

    async def play() -> list[httpx.Response]:
        async with browser(running) as page:
            return [
                await page.post("/mail", json=mail),
                await page.post("/mail", json={**mail, "to": "nobody@banxway.local"}),
                await page.get("/messages"),
                await page.get("/facts"),
            ]

    written, refused, messages, facts = asyncio.run(play())

    assert written.json()["message_id"].endswith("@customer.example>")
    assert (refused.status_code, "no mailbox" in refused.json()["error"]) == (400, True)
    assert messages.json() == {"messages": []}
    assert facts.json()["mailboxes"][0] == {"email": SUPPORT[0], "password": SUPPORT[1]}
    assert client.control("GET", "/mail/mailboxes")["mailboxes"][0]["folders"]["INBOX"] == 1


def test_the_simulator_knows_nothing_of_the_product() -> None:
    folder = Path(start.__code__.co_filename).parent
    sources = [each.read_text() for each in folder.rglob("*.py")]

    assert len(sources) > 20
    assert not [each for each in sources if "import banxway" in each or "from banxway" in each]


def test_a_login_over_smtp_works_with_the_printed_credentials(
    running: Sandbox, trusted: ssl.SSLContext
) -> None:
    for mailbox in running.mailboxes:
        with smtplib.SMTP(running.smtp.host, running.smtp.port, timeout=PATIENCE_S) as smtp:
            smtp.starttls(context=trusted)

            assert smtp.login(mailbox["email"], mailbox["password"])[0] == 235
