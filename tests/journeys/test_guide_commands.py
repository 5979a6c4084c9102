"""The setup guide's own commands, with host, token and credentials replaced, answer in the guide's shapes."""

import re
from collections.abc import Callable, Container, Mapping
from typing import Any

import httpx
import pytest

from banxway.reasons import Reason
from banxway.services.status.diagnosis.catalogue import CAUSES
from tests.support.running import guide
from tests.support.running.company import Company
from tests.support.running.guide import Command
from tests.support.timing.waiting import eventually

# Ours, not the guide's: what a channel lacks, how lists go on, and what is cut or cannot be used.
ADDED = frozenset({"missing", "next_cursor", "is_cut", "not_usable", "version", "assigned_to_user_name"})
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
PHONE_TEST = "/settings/integrations/exotel_phone/test"


def own_values(company: Company, body: Any) -> Any:
    """Put the company's values where the guide has its examples."""
    login, account = company.login, company.exotel
    examples = {
        "your_exotel_sid": account.credentials["account_sid"],
        "your_api_key": account.credentials["api_key"],
        "your_api_token": account.credentials["api_token"],
        "01141169368": account.virtual_number,
        "+91XXXXXXXXXX": account.whatsapp_number,
        "+919876543210": company.customer_number,
        "test@example.com": company.customer_email,
        "support@yourdomain.com": login["email"],
        "your_app_password": login["smtp_password"],
        "smtp.zoho.com": login["smtp_host"],
        587: login["smtp_port"],
        "imap.zoho.com": login["imap_host"],
        993: login["imap_port"],
    }
    if isinstance(body, Mapping):
        return {name: own_values(company, value) for name, value in body.items()}
    return examples.get(body, body)


def shape_of(value: Any, *, leave_out: Container[str] = ()) -> Any:
    """Return what a JSON value looks like: its keys, and for each the type; ids and times are types, too."""
    if isinstance(value, Mapping):
        return {
            name: shape_of(each, leave_out=leave_out) for name, each in value.items() if name not in leave_out
        }
    if isinstance(value, list):
        return [shape_of(each, leave_out=leave_out) for each in value]
    if isinstance(value, str):
        if value == "uuid" or UUID_TEXT.fullmatch(value):
            return "id"
        return "time" if TIME_TEXT.fullmatch(value) else "text"
    return type(value).__name__


def run(company: Company, command: Command, *, more: Mapping[str, Any] | None = None, **ids: str) -> Any:
    """Run a command as its admin would and return the answer, which must be a success of the guide's shape."""
    path = command.path.format(**ids)
    if command.method == "GET":
        answer = company.admin.get(path)
    else:
        body = own_values(company, command.body)
        answer = company.admin.post(path, body if body is None else {**body, **(more or {})})
    assert answer.is_success, f"{command.name}: {answer.text}"
    payload = answer.json()
    assert payload["success"] is True
    if command.answer is not None:
        assert shape_of(payload, leave_out=ADDED) == shape_of(command.answer), command.name
        assert payload.get("message") == command.answer.get("message")
    return payload.get("data")


def test_the_guides_steps_and_tests_answer_as_the_guide_shows(company: Company):
    run(company, guide.TEST_1)
    run(company, guide.STEP_2_SAVE)
    run(company, guide.ISSUE_6)
    (number,) = run(company, guide.TEST_8)
    assert number["phone_number"] == company.exotel.virtual_number

    run(company, guide.TEST_3)
    run(company, guide.STEP_3_TEST)
    saved = run(company, guide.STEP_3_SAVE, more={"waba_id": company.exotel.waba_id})
    run(company, guide.STEP_3_SYNC)
    company.change_exotel_account(default_webhook_url=saved["callback_url"])

    run(company, guide.TEST_5)
    account_id = run(company, guide.STEP_4_SAVE)["id"]
    company.write_mail("Test 7", "An email to the configured account")
    assert run(company, guide.TEST_7, account_id=account_id)["new_threads"] == 1

    (thread,) = company.agent.read("/communications/threads")
    send_template(company, thread["id"])
    company.write_whatsapp("Opens the window")
    eventually(
        lambda: any(
            m["direction"] == "inbound" and m["channel"] == "WHATSAPP"
            for m in company.thread_messages(thread["id"])
        ),
    )
    assert run(company, guide.TEST_4_TEXT, thread_id=thread["id"])["status"] in ("queued", "sent")
    mailed = run(company, guide.TEST_6, thread_id=thread["id"])
    assert company.await_status(mailed["message_id"], "sent") == "sent"
    status = run(company, guide.TEST_9)
    assert status["whatsapp"]["number"] == company.exotel.whatsapp_number


def send_template(company: Company, thread_id: str) -> None:
    """Run the guide's command; its answer names Exotel's sid if the worker has sent within four seconds."""
    body = {**own_values(company, guide.TEST_4_TEMPLATE.body), "thread_id": thread_id}
    sent = company.admin.ask(guide.TEST_4_TEMPLATE.path, body)
    company.await_status(sent["message_id"], "accepted", "sent", "delivered", "read")
    sid = company.row(sent["message_id"])["provider_sid"]
    assert sent["message_sid"] in (sid, None)
    expected = shape_of((guide.TEST_4_TEMPLATE.answer or {})["data"])
    assert shape_of({**sent, "message_sid": sid}, leave_out=ADDED) == expected


def refusal(answer: httpx.Response) -> dict[str, Any]:
    """Return a failure in the guide's words; the product adds code, request id, reason, cause and fix."""
    payload = answer.json()
    assert set(payload) == {"success", "error", "details", "code", "request_id"}
    assert payload["success"] is False
    details = dict(payload["details"])
    cause, fix = details.pop("cause"), details.pop("fix")
    assert (cause, fix) in {(each.cause, each.fix) for each in CAUSES.values()}
    assert details.pop("reason") in list(Reason)
    return {"error": payload["error"], "details": details}


Change = Callable[[Company], None]


def nothing(company: Company) -> None:
    del company


PHONE_FAILURES: dict[str, tuple[Change, dict[str, str], int, str, dict[str, Any]]] = {
    "wrong credentials": (
        nothing,
        {"api_token": "mistyped"},
        422,
        "Invalid credentials",
        {"status_code": 401, "exotel_error": "Authentication failed"},
    ),
    "wrong account": (
        nothing,
        {"account_sid": "mistyped"},
        422,
        "Invalid Account SID",
        {"status_code": 404, "exotel_error": "Account not found"},
    ),
    "suspended account": (
        lambda company: company.change_exotel_account(status="suspended"),
        {},
        422,
        "Account inactive",
        {"status_code": 403, "exotel_error": "Account inactive"},
    ),
    "voice not enabled": (
        lambda company: company.change_exotel_account(voice_enabled=False),
        {},
        422,
        "Voice not enabled",
        {"status_code": 403, "exotel_error": "Voice not enabled"},
    ),
    "unknown virtual number": (
        nothing,
        {"virtual_number": "01100000000"},
        422,
        "Virtual number not found",
        {"status_code": 422, "exotel_error": "Virtual number not found in account"},
    ),
}


@pytest.mark.parametrize(
    ("change", "mistake", "status", "error", "details"), PHONE_FAILURES.values(), ids=PHONE_FAILURES
)
def test_each_failure_of_the_phone_test_has_the_guides_own_error(
    company: Company,
    change: Change,
    mistake: dict[str, str],
    status: int,
    error: str,
    details: dict[str, Any],
):
    change(company)
    answer = company.admin.post(PHONE_TEST, {**own_values(company, guide.TEST_1.body), **mistake})

    assert answer.status_code == status
    assert refusal(answer) == {"error": error, "details": details}


def test_a_whatsapp_number_of_somebody_else_is_refused_as_not_verified(company: Company):
    body = {**own_values(company, guide.TEST_3.body), "whatsapp_number": "+919999999999"}
    answer = company.admin.post(guide.TEST_3.path, body)

    assert answer.status_code == 422
    assert refusal(answer) == {
        "error": "WhatsApp number not verified",
        "details": {"status_code": 422, "exotel_error": "WhatsApp number not found in account"},
    }


def test_a_wrong_mail_password_fails_that_half_alone(company: Company):
    body = {**own_values(company, guide.TEST_5.body), "smtp_password": "mistyped"}
    answer = company.admin.post(guide.TEST_5.path, body).json()

    assert answer["success"] is False
    smtp, imap = answer["data"]["smtp"], answer["data"]["imap"]
    assert smtp["success"] is False
    assert smtp["error"].lower() == "Invalid login: 535 Authentication failed".lower()  # Zoho writes "Failed"
    assert (imap["success"], imap["host"]) == (True, company.login["imap_host"])
