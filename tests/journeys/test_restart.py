"""Stopped and started on the same state, everything goes on; with a wrong master key it says so and lives on."""

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.running.company import Company
from tests.support.running.founding import be_patient, visit_demo
from tests.support.running.runner import start_runner
from tests.support.timing.waiting import PATIENCE_S, eventually

SYNC_NUMBERS = "/settings/integrations/exotel_phone/sync"


@contextmanager
def started(state: Path) -> Iterator[Company]:
    """Start a runner as its users do, its timers running; yields its demo company."""
    with start_runner(state) as runner, visit_demo(runner) as company:
        be_patient(runner)
        yield company


def set_up(company: Company) -> None:
    phone = {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number}
    company.admin.ask("/settings/integrations/exotel_phone", phone)
    company.connect_whatsapp()
    company.connect_mailbox(poll_interval_ms=10_000)


def leave_a_callback_in_the_queue(company: Company, text: str) -> None:
    """Let a customer write on WhatsApp while the database is down; the runner must then be stopped."""
    company.runner.stop_database()
    posted = company.write_whatsapp(text)
    assert [attempt["status"] for attempt in posted["attempts"]] == [200]


def subjects(company: Company) -> set[str]:
    return {thread["subject"] for thread in company.agent.read("/communications/threads")}


@contextmanager
def wrong_master_key(state: Path) -> Iterator[None]:
    """Let the state folder hold another master key than the one that its credentials were encrypted under."""
    file = state / "secrets.json"
    original = file.read_text()
    other = base64.b64encode(secrets.token_bytes(32)).decode()
    file.write_text(json.dumps({**json.loads(original), "encryption_master_key": other}))
    try:
        yield
    finally:
        file.write_text(original)


def test_after_restarts_everything_is_there_and_a_wrong_master_key_says_so_and_breaks_nothing_else(
    tmp_path: Path,
):
    """Three runs: one that stops in the middle of its work, one that goes on, and one with a wrong key."""
    state = tmp_path / "state"
    with started(state) as company:
        set_up(company)
        company.write_mail("Written before the restart", "Nobody has polled this yet")
        leave_a_callback_in_the_queue(company, "Queued before the restart")

    with started(state) as company:
        assert company.admin.ask(SYNC_NUMBERS)["synced_numbers"] == 2
        wanted = {"Written before the restart", "Queued before the restart"}
        eventually(lambda: subjects(company) == wanted)
        before = ciphertexts(company)

    with wrong_master_key(state), started(state) as company:
        assert_says_restore_the_key(company.admin.post(SYNC_NUMBERS))
        (mailbox,) = company.admin.read("/settings/email-accounts")
        assert_says_restore_the_key(company.admin.post(f"/settings/email-accounts/{mailbox['id']}/poll-now"))
        assert httpx.get(f"{company.runner.url}/health", timeout=PATIENCE_S).status_code == 200
        assert subjects(company) == wanted
        assert company.agent.read("/settings/configuration-status")["phone"]["configured"] is True
        assert ciphertexts(company) == before, "the original key would not open them any more"


def ciphertexts(company: Company) -> list[Any]:
    """Return every credential as it is stored."""
    integrations = company.sql("SELECT credentials_encrypted FROM integration_credentials ORDER BY id")
    mailboxes = company.sql("SELECT credentials_encrypted FROM email_accounts ORDER BY id")
    assert len(integrations) == 2
    assert len(mailboxes) == 1
    return [row["credentials_encrypted"] for row in (*integrations, *mailboxes)]


def assert_says_restore_the_key(answer: httpx.Response) -> None:
    failure: dict[str, Any] = answer.json()
    assert answer.status_code == 500
    assert failure["code"] == "wrong_key"
    assert "the encryption key changed; restore the original" in failure["error"]
