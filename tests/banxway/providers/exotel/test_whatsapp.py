from collections.abc import Callable

import pytest

from banxway.errors import (
    OutcomeUnknown,
    ProviderDenied,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
)
from banxway.models.messages.outgoing import OutgoingWhatsApp, TemplateContent, TextContent
from banxway.providers.exotel.whatsapp import ExotelWhatsApp
from tests.banxway.providers.contracts.whatsapp_account import WhatsAppAccountContract
from tests.banxway.providers.contracts.whatsapp_sender import WhatsAppSenderContract
from tests.support.ledger.exotel_accounts import API_TOKEN, envelope, failure, refused_item, sent
from tests.support.servers.scripted_http import Reply, Request, answer
from tests.support.servers.tcp_server import refused_port

Scripted = Callable[..., tuple]

NUMBER = "+918047100100"
NO_WABA = answer(400, failure(400, 1001, "Mandatory parameter missing", "waba_id is mandatory"))
NOT_OURS = refused_item(400, 1002, "WhatsApp number not found in account", "from is not registered")
APPROVED = {
    "id": "t1",
    "name": "visit_reminder",
    "language": "en",
    "category": "UTILITY",
    "status": "APPROVED",
}
REJECTED = {"id": "t2", "name": "old_offer", "language": "en", "category": "MARKETING", "status": "REJECTED"}


def a_message(content: TextContent | TemplateContent | None = None) -> OutgoingWhatsApp:
    return OutgoingWhatsApp(
        sender=NUMBER,
        recipient="+919822200022",
        content=content or TextContent("Hello body-canary-77"),
        status_callback="https://hooks.example/wa/ref",
        reference="row-771",
    )


def templates(*items: object, **response: object) -> Reply:
    return answer(200, envelope(200, {"whatsapp": {"templates": list(items), **response}}), then="keep")


class TestSenderContract(WhatsAppSenderContract):
    @pytest.fixture
    def message(self) -> OutgoingWhatsApp:
        return a_message()

    @pytest.fixture
    def sender_after(self, scripted: Scripted, client_of: Callable):
        replies = {
            "accepted": answer(202, sent()),
            "rejected": answer(202, refused_item(400, 1002, "Invalid parameter", "to is not a number")),
            "denied": answer(401, failure(401, 1010, "Authorization failed")),
            "throttled": answer(429, failure(429, 10724, "Too many requests")),
            "cut_off": Reply(answer(202, sent()).raw[:60], then="reset"),
            "silent": Reply(b"", then="hang"),
        }

        def make(outcome: str) -> ExotelWhatsApp:
            if outcome == "unreachable":
                return ExotelWhatsApp(client_of(f"http://127.0.0.1:{refused_port()}"))
            return ExotelWhatsApp(scripted(replies[outcome])[0])

        return make


class TestAccountContract(WhatsAppAccountContract):
    @pytest.fixture
    def account_with(self, scripted: Scripted):
        def make(number: str, *, knows_us: bool = True, is_enabled: bool = True) -> ExotelWhatsApp:
            def reply(request: Request) -> Reply:
                if not knows_us:
                    return answer(401, failure(401, 1010, "Authorization failed"))
                if not is_enabled:
                    return answer(403, failure(403, 1003, "WhatsApp not enabled"))
                if request.method == "GET":
                    return templates(APPROVED, REJECTED)
                if request.json["whatsapp"]["messages"][0]["from"] != number:
                    return answer(202, NOT_OURS)
                return answer(202, refused_item(400, 1001, "Mandatory parameter missing", "to is mandatory"))

            return ExotelWhatsApp(scripted(reply)[0])

        return make


def test_a_text_is_sent_in_the_wrapper_with_callback_and_reference_at_both_levels(scripted: Scripted):
    client, server = scripted(answer(202, sent("5d0c4e7f")))

    accepted = ExotelWhatsApp(client).send(a_message(TextContent("Hello Asha")))

    tracking = {"status_callback": "https://hooks.example/wa/ref", "custom_data": "row-771"}
    content = {"recipient_type": "individual", "type": "text", "text": {"body": "Hello Asha"}}
    message = {"from": NUMBER, "to": "+919822200022", "content": content, **tracking}
    assert accepted.provider_sid == "5d0c4e7f"
    assert server.requests[0].target == "/v2/accounts/acme1/messages"
    assert server.requests[0].json == {**tracking, "whatsapp": {"messages": [message]}}


@pytest.mark.parametrize(
    ("variables", "components"),
    [
        ((), None),
        (
            ("Asha", "Friday"),
            [
                {
                    "type": "body",
                    "parameters": [{"type": "text", "text": "Asha"}, {"type": "text", "text": "Friday"}],
                }
            ],
        ),
    ],
    ids=["without_variables", "with_variables"],
)
def test_a_template_is_sent_with_its_variables_in_order(
    scripted: Scripted, variables: tuple[str, ...], components: list | None
):
    client, server = scripted(answer(202, sent()))

    ExotelWhatsApp(client).send(a_message(TemplateContent("visit_reminder", "en", variables)))

    template = {"name": "visit_reminder", "language": {"policy": "deterministic", "code": "en"}}
    if components:
        template["components"] = components
    content = server.requests[0].json["whatsapp"]["messages"][0]["content"]
    assert content == {"recipient_type": "individual", "type": "template", "template": template}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (refused_item(400, 1002, "Invalid parameter"), ProviderRejected),
        (refused_item(401, 1010, "Authorization failed"), ProviderDenied),
        (refused_item(403, 1003, "WhatsApp not enabled"), ProviderDenied),
        (refused_item(429, 10724, "Too many requests"), ProviderThrottled),
        (refused_item(503, 1100, "Busy"), ProviderThrottled),
        (refused_item(500, 1100, "internal error"), OutcomeUnknown),
        (sent(None), OutcomeUnknown),
        (sent(" "), OutcomeUnknown),
        (envelope(202, {"whatsapp": {"messages": []}}), OutcomeUnknown),
        (envelope(202, {"whatsapp": {"messages": [{}, {}]}}), OutcomeUnknown),
        (envelope(202, {"whatsapp": {"messages": ["sent"]}}), OutcomeUnknown),
        (envelope(202, {"whatsapp": None}), OutcomeUnknown),
        ({"sid": "flat"}, OutcomeUnknown),
    ],
    ids=[
        "rejected",
        "denied",
        "no_service",
        "throttled",
        "busy",
        "broken",
        "no_sid",
        "blank_sid",
        "no_item",
        "two_items",
        "no_object",
        "no_channel",
        "flat",
    ],
)
@pytest.mark.parametrize("status", [200, 202])
def test_the_items_own_word_decides_not_https(scripted: Scripted, status: int, body: dict, error: type):
    client, server = scripted(answer(status, body))

    with pytest.raises(error) as raised:
        ExotelWhatsApp(client).send(a_message())

    assert type(raised.value) is error
    assert len(server.requests) == 1
    assert raised.value.provider_message


def test_a_refused_item_names_exotels_code_and_its_closest_words(scripted: Scripted):
    client, _ = scripted(answer(202, refused_item(400, 1002, "Invalid parameter", f"to is bad {API_TOKEN}")))

    with pytest.raises(ProviderRejected) as raised:
        ExotelWhatsApp(client).send(a_message())

    error = raised.value
    assert (error.message, error.provider_message, error.provider_code, error.provider_status) == (
        "to is bad ***",
        "Invalid parameter",
        "1002",
        400,
    )


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("to is mandatory", True),
        ("Mandatory parameter 'to' is missing from the request", True),
        ("messages[0].to is empty", True),
        ("Invalid recipient", True),
        ("Recipient number is not valid", True),
        ("missing to", True),
        ("unable to handle this now", None),
        ("content is missing from the request", None),
        ("from and to: invalid from, invalid to", None),
        ("internal error", None),
    ],
)
def test_a_complaint_about_the_recipient_alone_proves_the_sender(
    scripted: Scripted, words: str, verdict: bool | None
):
    client, _ = scripted(NO_WABA, answer(202, refused_item(400, 1002, words)))

    check = ExotelWhatsApp(client).check(whatsapp_number=NUMBER)

    assert (check.account_verified, check.whatsapp_enabled) == (True, True)
    assert check.business_number_active is verdict
    assert (check.quality_rating, check.messaging_limit) == ("unknown", "unknown")


@pytest.mark.parametrize(
    "words",
    [
        "WhatsApp number not found in account",
        "WhatsApp number not registered",
        "from is not registered",
        "Invalid 'from' number",
        "invalid from",
        "sender is not allowed",
        "The number +918047100100 is not verified",
    ],
)
@pytest.mark.parametrize("status", [202, 400])
def test_a_complaint_about_the_sender_refuses_the_number(scripted: Scripted, words: str, status: int):
    body = refused_item(400, 1002, words) if status == 202 else failure(400, 1002, words)
    client, _ = scripted(NO_WABA, answer(status, body))

    with pytest.raises(ProviderRejected, match="WhatsApp number not verified") as raised:
        ExotelWhatsApp(client).check(whatsapp_number=NUMBER)

    assert (raised.value.provider_status, raised.value.provider_message) == (422, words)


def test_the_probe_names_no_recipient_and_asks_for_no_callback(scripted: Scripted):
    client, server = scripted(NO_WABA, answer(202, refused_item(400, 1001, "to is mandatory")))

    ExotelWhatsApp(client).check(whatsapp_number=NUMBER)

    (message,) = server.requests[1].json["whatsapp"]["messages"]
    assert (message["from"], message["to"]) == (NUMBER, "")
    assert "status_callback" not in server.requests[1].body.decode()


@pytest.mark.parametrize(
    "reply",
    [answer(500, b"oops"), answer(202, sent()), answer(200, {}), answer(400, b"?"), answer(200, b"<html>")],
    ids=["broken", "taken", "empty", "unexplained", "html"],
)
def test_any_other_answer_to_the_probe_leaves_the_number_unknown(scripted: Scripted, reply: Reply):
    client, _ = scripted(templates(), reply)

    assert ExotelWhatsApp(client).check(whatsapp_number=NUMBER).business_number_active is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(403, failure(403, 1003, "WhatsApp not enabled")), ProviderDenied),
        (answer(429, b""), ProviderThrottled),
        (Reply(b"", then="hang"), ProviderTimeout),
        (Reply(b"", then="reset"), ProviderUnavailable),
    ],
    ids=["denied", "throttled", "silent", "reset"],
)
def test_a_probe_that_met_the_account_or_the_network_says_so(scripted: Scripted, reply: Reply, error: type):
    client, _ = scripted(templates(), reply)

    with pytest.raises(error):
        ExotelWhatsApp(client).check(whatsapp_number=NUMBER)


@pytest.mark.parametrize(
    "number", ["8047100100", "08047100100", "+91 8047100100", "", "whatsapp:+918047100100"]
)
def test_a_number_that_is_not_e164_is_refused_before_anything_is_asked(scripted: Scripted, number: str):
    client, server = scripted(templates())

    with pytest.raises(ProviderRejected, match="Invalid WhatsApp number format"):
        ExotelWhatsApp(client).check(whatsapp_number=number)

    assert server.requests == []


BODY = {"type": "BODY", "text": "Hi {{1}}"}


@pytest.mark.parametrize(
    "item",
    [
        {**APPROVED, "components": [BODY]},
        {"code": 200, "status": "success", "error_data": None, "data": {**APPROVED, "components": [BODY]}},
        {"template": {**APPROVED, "language": {"code": "en"}, "components": [{"type": "HEADER"}, BODY]}},
        {
            "code": 200,
            "status": "success",
            "data": {"template": {**APPROVED, "components": [BODY, "rubbish"]}},
        },
    ],
    ids=["plain", "in_data", "in_template", "in_both"],
)
def test_a_template_is_read_in_every_shape_that_is_likely(scripted: Scripted, item: dict):
    client, _ = scripted(templates(item))

    (template,) = ExotelWhatsApp(client).list_templates(waba_id="waba-1")

    assert (template.provider_id, template.name, template.language) == ("t1", "visit_reminder", "en")
    assert (template.category, template.status, template.body) == ("UTILITY", "approved", "Hi {{1}}")
    assert BODY in template.components


@pytest.mark.parametrize(
    "cursor",
    [
        {"paging": {"cursors": {"after": "c1"}}},
        {"paging": {"after": "c1"}},
        {"cursor": {"after": "c1"}},
        {"after": "c1"},
    ],
    ids=["as_meta", "flat_paging", "cursor", "bare"],
)
def test_pages_are_followed_by_their_cursor(scripted: Scripted, cursor: dict):
    client, server = scripted(templates(APPROVED, **cursor), templates(REJECTED))

    found = ExotelWhatsApp(client).list_templates(waba_id="waba-1")

    assert [template.name for template in found] == ["visit_reminder", "old_offer"]
    assert [r.target.partition("?")[2] for r in server.requests] == [
        "limit=100&waba_id=waba-1",
        "limit=100&waba_id=waba-1&after=c1",
    ]


@pytest.mark.parametrize(
    "second", [templates(APPROVED, after="c2"), templates(after="c2")], ids=["same", "empty"]
)
def test_a_cursor_that_leads_nowhere_ends_the_list(scripted: Scripted, second: Reply):
    client, server = scripted(templates(APPROVED, after="c1"), second)

    assert len(ExotelWhatsApp(client).list_templates(waba_id=None)) == 1
    assert len(server.requests) == 2


def test_nameless_templates_are_left_out(scripted: Scripted):
    client, _ = scripted(templates({}, None, {"data": None}, APPROVED))

    assert [t.name for t in ExotelWhatsApp(client).list_templates(waba_id=None)] == ["visit_reminder"]
