"""The running product keeps to openapi.json: what it allows works or meets a named state, what it forbids is refused.

Schemathesis thinks of the requests, for an admin and for an agent, over real HTTP. `make soak` tries many more.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.gates.chance import in_soak
from tests.support.gates.figures import Figures
from tests.support.product.openapi_cases import NAMES_A_ROW, STATE, Requests, code_of, field_of, problems_of
from tests.support.running.company import Company

pytestmark = pytest.mark.random

EXAMPLES = in_soak(25, else_=5)
"""Of what is allowed, and as many of what is forbidden."""
BEYOND_SCHEMA = {
    r"GET \S+/audit-logs(/export)? until": "must not be before since",
    r"POST \S+/integrations/\{type\}(/test)? business_hours\.\w+\.end": "must be later than the start",
    r"(POST|PATCH) \S+/email-rules\S* \S+hours\.\w+\.end": "must be later than the start",
    r"(POST|PATCH) \S+/email-accounts(/test|/\{account_id\})? (smtp|imap)_port": "must fit smtp_secure and imap_tls",
    r"POST \S+/integrations/\{type\}(/test)? (account_sid|api_key|api_token)": "may be left out once it is stored",
    r"PATCH \S+/email-accounts/\{account_id\} folders(\.\d+)?": "must be folders that the mailbox has",
    r"POST \S+/threads/\{thread_id\}/messages(/preview)? (to|subject)": "is needed unless the thread tells it",
    r"POST \S+/threads/\{thread_id\}/messages(/preview)? (to|cc|bcc)(\.\d+)?": "must name each address once",
    r"POST \S+/threads/\{thread_id\}/messages(/preview)? (headers|inline).*": "some names are the product's own",
    r"PUT \S+/vacation ends_at": "must be later than the start",
    r"POST \S+/customers/\{customer_id\}/addresses address": "must be a number of its country's plan",
    r"PUT \S+/team/me/phone-number phone_number": "must be the number that the session proves",
    r"PATCH \S+/email-templates/\{template_id\} content_text": "one of the two contents must stay",
    r"POST \S+/email-templates/\{template_id\}/preview variables(\..*)?": "what a template wants filled, itself says",
}
"""What is refused though JSON Schema cannot forbid it, by operation and field, with the reason."""
_PLACED = frozenset(
    map(chr, (0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0)))
)
_UNSEEN = "must not contain invisible characters, or characters that change the direction of text"


@pytest.fixture
def ids(company: Company) -> dict[str, str]:
    whatsapp = company.connect_whatsapp()
    account = company.connect_mailbox()
    company.write_mail("Where is my parcel?", "It should have come on Friday.")
    company.admin.ask(f"/settings/email-accounts/{account}/poll-now")
    thread = company.admin.read("/communications/threads")[0]
    message = company.admin.read(f"/communications/threads/{thread['id']}/messages")[0]
    template = {"name": "Delay", "subject": "News of {{shipment}}", "content_text": "It arrives on {{day}}."}
    rule = {"name": "Invoices", "actions": [{"type": "tag", "tag": "invoice"}]}
    return {
        "reference": parse_qs(urlsplit(whatsapp["callback_url"]).query)["reference"][0],
        "thread_id": thread["id"],
        "customer_id": thread["customer_id"],
        "message_id": message["id"],
        "account_id": account,
        "template_id": company.admin.ask("/settings/email-templates", template)["id"],
        "rule_id": company.admin.ask("/settings/email-rules", rule)["id"],
    }


def test_it_answers_as_documented(company: Company, ids: dict[str, str]) -> None:
    """One operation after the other for both, so that its function is started once."""
    servers = {name: company.login[name] for name in ("smtp_host", "smtp_port", "imap_host", "imap_port")}
    fixed = {**servers, "smtp_secure": False, "imap_tls": True}
    queries = {"/api/v1/webhooks/exotel/whatsapp-status": {"reference": ids["reference"]}}
    users = {
        role: Requests(company.runner.url, token=person.token, ids=ids, fixed=fixed, queries=queries)
        for role, person in (("admin", company.admin), ("agent", company.agent))
    }
    problems: list[str] = []
    figures = Figures("openapi requests")

    def allowed(case: Any, answer: Any) -> None:
        problems.extend(_problems(case, answer))
        if answer.status_code >= 400 and not _is_about_state(case, answer):
            problems.append(f"allowed, and refused: {_exchange(case, answer)}")

    def forbidden(case: Any, answer: Any) -> None:
        problems.extend(_problems(case, answer))

    for operation in users["admin"].operations():
        for role, requests in users.items():
            # Who must not ask at all is answered the same whatever they ask.
            examples = EXAMPLES if requests.may(role, operation) else 1
            requests.try_allowed(operation, examples=examples, judge=allowed)
            if requests.can_be_wrong(operation):
                requests.try_forbidden(operation, examples=examples, judge=forbidden)

    assert not problems, "\n".join(problems)
    figures.show(**{role: f"{requests.asked.total()} requests" for role, requests in users.items()})


def _is_about_state(case: Any, answer: Any) -> bool:
    """Return whether a refusal speaks of what is stored or of a provider, or of what JSON Schema cannot say."""
    if code_of(answer) in STATE or "data" in answer.json():
        return True
    if code_of(answer) == "not_authenticated":
        # Where no session is asked for, the path or query holds what opens it.
        return case.operation.path.startswith(("/display/", "/api/v1/webhooks/"))
    if case.operation.path == "/api/v1/webhooks/exotel/whatsapp-status":
        # An object that is none of Exotel's is kept, and refused.
        return code_of(answer) == "bad_request"
    if answer.json()["error"].endswith(_UNSEEN) and _depends_on_its_place(
        json.dumps(case.body, ensure_ascii=False)
    ):
        return True
    field = field_of(answer)
    beyond = f"{case.operation.label} {field}"
    return bool(NAMES_A_ROW.fullmatch(field)) or any(
        re.fullmatch(each, beyond, re.DOTALL) for each in BEYOND_SCHEMA
    )


def _depends_on_its_place(text: str) -> bool:
    """Return whether a text has signs that a script or an emoji needs in some places, which no pattern can say."""
    return any(
        sign in _PLACED or (ord(sign) > 0xFFFF and unicodedata.category(sign) == "Cf") for sign in text
    )


def _problems(case: Any, answer: Any) -> Iterator[str]:
    if answer.status_code >= 500 and code_of(answer) not in STATE:
        yield f"failed: {_exchange(case, answer)}"
    for problem in problems_of(case, answer):
        yield f"not as documented: {_exchange(case, answer)}: {problem}"


def _exchange(case: Any, answer: Any) -> str:
    return f"{case.as_curl_command()[:1500]} -> {answer.status_code} {answer.text[:300]}"
