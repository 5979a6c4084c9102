"""Threat 43: a secret that somebody typed is seen nowhere: no answer, log line, audit entry, row or file.

The canaries are typed into every place that takes a secret, and everything that can fail around them does.
"""

import json
import logging
import re

import pytest

from banxway.errors import ProviderDenied
from banxway.log import get_logger
from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.security import known_secrets
from tests.support.databases.tables import everything_in
from tests.support.gates.routes import handler_of
from tests.support.product.app import WEBHOOK_SECRET, token
from tests.support.product.events import queue_event, queue_record
from tests.support.product.fakes import refused
from tests.support.product.stories import (
    LOGIN,
    MAILBOX,
    PHONE,
    SUPPORT,
    WHATSAPP,
    configure,
    incoming,
    post_callback,
)
from tests.support.product.stories import whatsapp_body as wrapped
from tests.support.product.traces import traces_of

KEY, TOKEN = "canary-api-key-7c1e", "canary-api-token-93fa"
SMTP, IMAP = "canary smtp pass/word-4d2b", 'canary"imap\\password-e80c'
CANARIES = (KEY, TOKEN, SMTP, IMAP)
CREDENTIALS = {"api_key": KEY, "api_token": TOKEN}
PASSWORDS = {"smtp_password": SMTP, "imap_password": IMAP}
SETTINGS = "/api/v1/settings"


@pytest.fixture
def log(monkeypatch, capsys):
    """Return everything logged since the last look, as it would reach CloudWatch."""
    logger = logging.getLogger("banxway")
    monkeypatch.setattr(logger, "handlers", [get_logger().registered_handler])
    return lambda: capsys.readouterr().out


def assert_hidden(text):
    """Look for the secrets in whatever way they may be written there: see tests/support/product/traces.py."""
    found = {secret: traces_of(secret, text) for secret in (*CANARIES, WEBHOOK_SECRET)}
    assert not any(found.values()), found
    # Pieces of them, too; `sends_canary` and its like are names of columns.
    assert "canary" not in re.sub(r"\b(sends_canary|canary_(problem|is_stuck))\b", "", text)


def everything_left(bundle, organization, folder):
    """Return all that an attacker could read afterwards: rows, files, and what the API shows an admin."""
    rows = "\n".join(line for _, line in everything_in(bundle.database))
    files = "\n".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())
    shown = "\n".join(
        bundle.get(f"{SETTINGS}/{path}", organization.admin).text
        for path in ("integrations", "integrations/exotel_phone", "email-accounts", "audit-logs")
    )
    return "\n".join((rows, files, shown))


def test_saving_testing_and_using_credentials_shows_none_of_them(bundle, organization, log, tmp_path):
    answers = [
        bundle.post(f"{SETTINGS}/integrations/exotel_phone/test", organization.admin, PHONE | CREDENTIALS),
        bundle.post(f"{SETTINGS}/integrations/exotel_phone", organization.admin, PHONE | CREDENTIALS),
        bundle.post(f"{SETTINGS}/integrations/exotel_whatsapp", organization.admin, WHATSAPP | CREDENTIALS),
        bundle.post(f"{SETTINGS}/integrations/exotel_phone/sync", organization.admin),
        bundle.post(f"{SETTINGS}/email-accounts/test", organization.admin, LOGIN | PASSWORDS),
        bundle.post(f"{SETTINGS}/email-accounts", organization.admin, MAILBOX | PASSWORDS),
    ]

    assert [answer.status for answer in answers] == [200, 201, 201, 200, 200, 201]
    # The one secret that an admin must see is the signed callback address; the secret behind it stays.
    assert_hidden("\n".join(answer.text for answer in answers))
    assert_hidden(log())
    left = everything_left(bundle, organization, tmp_path)
    assert {"exotel_phone", "exotel_whatsapp", SUPPORT} <= {
        word for word in re.split(r"[^\w.@]", left) if word
    }
    assert_hidden(left)


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError(f"no luck with {KEY}:{TOKEN}"),
        ValueError(f"https://{KEY}:{TOKEN}@api.exotel.com/v1/Accounts refused"),
        KeyError(TOKEN),
        refused(ProviderDenied, "Invalid credentials", provider_message="Authentication failed"),
    ],
    ids=["sentence", "url", "bare", "denied"],
)
def test_what_goes_wrong_with_a_provider_shows_no_credential(bundle, organization, log, tmp_path, failure):
    bundle.providers.voice.checking.then(failure, failure)

    answers = [
        bundle.post(f"{SETTINGS}/integrations/exotel_phone{end}", organization.admin, PHONE | CREDENTIALS)
        for end in ("/test", "")
    ]

    assert {answer.status for answer in answers} <= {422, 500}
    assert_hidden("\n".join(answer.text for answer in answers))
    lines = log()
    assert_hidden(lines)
    assert ("unexpected failure" in lines) == (answers[0].status == 500)
    assert_hidden(everything_left(bundle, organization, tmp_path))


# The clients of providers cut their own secrets out of the answers they get (their tests say so). Log and audit
# trail do not rely on it.


def test_a_password_that_a_mail_server_repeats_reaches_neither_log_nor_audit(bundle, organization, log):
    bundle.providers.mail_sender.checking.always(
        SmtpCheck(success=False, host="h", port=587, secure=False, error=f"535 {SMTP} is wrong")
    )
    bundle.providers.mailbox(SUPPORT).checking.always(
        ImapCheck(success=False, host="h", port=993, secure=True, error=f"NO {IMAP} is wrong")
    )

    for path, body in (("/test", LOGIN), ("", MAILBOX)):
        answer = bundle.post(f"{SETTINGS}/email-accounts{path}", organization.admin, body | PASSWORDS)
        assert answer.status == 422

    audit = bundle.get(f"{SETTINGS}/audit-logs", organization.admin)
    assert [entry["details"]["smtp_error"] for entry in audit.data] == ["535 *** is wrong"] * 2
    assert_hidden(audit.text + log())


def test_a_credential_that_a_provider_repeats_reaches_neither_log_nor_audit(bundle, organization, log):
    bundle.providers.voice.checking.always(
        refused(ProviderDenied, f"Unknown key {KEY}", provider_status=401, provider_message=f"{TOKEN}?")
    )

    for end in ("/test", ""):
        path = f"{SETTINGS}/integrations/exotel_phone{end}"
        assert bundle.post(path, organization.admin, PHONE | CREDENTIALS).status == 422

    audit = bundle.get(f"{SETTINGS}/audit-logs", organization.admin)
    assert [entry["details"]["error"] for entry in audit.data] == ["Unknown key ***"] * 2
    assert_hidden(audit.text + log())


def test_a_poll_that_fails_shows_no_password(bundle, organization, log, tmp_path):
    account = bundle.post(f"{SETTINGS}/email-accounts", organization.admin, MAILBOX | PASSWORDS).data
    bundle.providers.mailbox(SUPPORT).opening.then(RuntimeError(f"LOGIN {SUPPORT} {IMAP}"))

    answer = bundle.post(f"{SETTINGS}/email-accounts/{account['id']}/poll-now", organization.admin)

    assert answer.status == 500
    assert_hidden(answer.text + log() + everything_left(bundle, organization, tmp_path))


def test_a_send_that_breaks_shows_no_credential(bundle, organization, log, tmp_path):
    url = configure(bundle, organization.admin, "exotel_whatsapp", **CREDENTIALS)["callback_url"]
    post_callback(bundle, url, wrapped(incoming("Hello")))
    bundle.work("webhook")
    thread = bundle.get("/api/v1/communications/threads", organization.agent).data[0]["id"]
    path = f"/api/v1/communications/threads/{thread}/messages"
    bundle.post(path, organization.agent, {"channel": "WHATSAPP", "content": "On its way"})
    bundle.providers.whatsapp.sending.then(RuntimeError(f"no answer to {KEY}:{TOKEN}"))

    (item,) = bundle.queued("message")
    record = queue_record(json.dumps(item), queue=bundle.queue_url("message").rpartition("/")[2])
    answer = bundle.call(handler_of("messages/deliver"), queue_event([record]))

    lines = log()
    assert len(answer["batchItemFailures"]) == 1
    assert "no answer to ***" in lines
    assert_hidden(lines + everything_left(bundle, organization, tmp_path))


def test_neither_a_session_nor_a_ticket_is_logged(bundle, organization, log):
    session = token(organization.agent)
    for header in (f"Bearer {session}", f"Basic {session}", f"Bearer {session}x"):
        bundle.request("GET", "/api/v1/communications/threads", headers={"authorization": header})
    ticket = bundle.post("/api/v1/realtime/ticket", organization.agent).data["ticket"]

    # The control: what repeats them is a line, and is masked.
    get_logger().warning("seen", headers={"authorization": f"Bearer {session}"}, url=f"/live?ticket={ticket}")

    lines = log()
    assert '"seen"' in lines
    assert traces_of(session, lines) == traces_of(ticket, lines) == []


def test_nothing_of_one_invocation_is_known_to_the_next(bundle, organization):
    bundle.post(f"{SETTINGS}/integrations/exotel_phone", organization.admin, PHONE | CREDENTIALS)

    assert known_secrets.masked(TOKEN) == TOKEN
