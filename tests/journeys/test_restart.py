"""Stopped and started on the same state, everything goes on; with a wrong master key it says so and lives on."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.company import Company
from tests.support.founding import visit_demo
from tests.support.runner import start_runner
from tests.support.waiting import eventually

SYNC_NUMBERS = "/settings/integrations/exotel_phone/sync"


@contextmanager
def started(state: Path) -> Iterator[tuple[Company, float]]:
    """Start a runner; yields its demo company and how long it took to be ready."""
    begin = time.monotonic()
    with start_runner(state) as runner:
        ready_s = time.monotonic() - begin
        with visit_demo(runner) as company:
            yield company, ready_s


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


def test_after_a_restart_credentials_mail_and_queued_callbacks_are_all_there(tmp_path: Path):
    with started(tmp_path / "state") as (company, _):
        set_up(company)
        company.write_mail("Written before the restart", "Nobody has polled this yet")
        leave_a_callback_in_the_queue(company, "Queued before the restart")

    with started(tmp_path / "state") as (company, ready_s):
        assert ready_s < 15
        assert company.admin.ask(SYNC_NUMBERS)["synced_numbers"] == 2
        wanted = {"Written before the restart", "Queued before the restart"}
        eventually(lambda: subjects(company) == wanted)


def test_with_a_wrong_master_key_the_error_says_so_and_nothing_else_breaks(tmp_path: Path):
    with started(tmp_path / "state") as (company, _):
        set_up(company)
        company.write_whatsapp("Read me with any key")
        eventually(lambda: subjects(company) == {"Read me with any key"})

    with wrong_master_key(tmp_path / "state"), started(tmp_path / "state") as (company, _):
        assert_says_restore_the_key(company.admin.post(SYNC_NUMBERS))
        (mailbox,) = company.admin.read("/settings/email-accounts")
        assert_says_restore_the_key(company.admin.post(f"/settings/email-accounts/{mailbox['id']}/poll-now"))
        assert httpx.get(f"{company.runner.url}/health").status_code == 200
        (thread,) = company.agent.read("/communications/threads")
        (message,) = company.thread_messages(thread["id"])
        assert message["body_text"] == "Read me with any key"
        assert company.agent.read("/settings/configuration-status")["phone"]["configured"] is True

    with started(tmp_path / "state") as (company, _):
        assert company.admin.ask(SYNC_NUMBERS)["synced_numbers"] == 2


def assert_says_restore_the_key(answer: httpx.Response) -> None:
    failure: dict[str, Any] = answer.json()
    assert answer.status_code == 500
    assert failure["code"] == "wrong_key"
    assert "the encryption key changed; restore the original" in failure["error"]
