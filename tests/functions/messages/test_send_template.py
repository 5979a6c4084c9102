"""The guide's Test 4: sending an approved template."""

import pytest

from tests.support.product.fakes import a_template
from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import CUSTOMER, configure, customer_wrote, mail_arrived

PATH = "/api/v1/communications/messages/send-template"
TEMPLATE = {
    "template_name": "shipping_update",
    "language": "en",
    "to": CUSTOMER,
    "variables": {"1": "BX-2024-1234", "2": "Mumbai Port", "3": "25-Jan-2026"},
}


@pytest.fixture
def thread(bundle, organization):
    """A thread that began by mail, so that no WhatsApp window is open; three templates are synced."""
    started = mail_arrived(bundle, organization)
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
    bundle.providers.whatsapp.templates = [
        a_template(body="{{1}} left {{2}} on {{3}}."),
        a_template("pending_one", status="pending"),
        a_template("named", body="Hello {{customer_name}}, voucher {{voucher_code}}"),
        a_template("spaced", body="Hello {{ 1 }} ok"),
        a_template("pictured", body="Hello", components=[{"type": "HEADER", "format": "IMAGE"}]),
        a_template("long", body="x" * 1000 + "{{1}}{{2}}"),
    ]
    bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)
    return started


def test_the_guides_template_is_sent_outside_the_window(bundle, organization, thread):
    answer = bundle.post(PATH, organization.agent, TEMPLATE | {"thread_id": thread})
    bundle.work("message")

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "message_id": A_UUID,
            "message_sid": None,
            "status": "queued",
            "channel": "WHATSAPP",
            "to": CUSTOMER,
            "created_at": AN_INSTANT,
        },
    }
    (sent,) = bundle.providers.whatsapp.sent
    assert (sent.content.name, sent.content.language) == ("shipping_update", "en")
    assert sent.content.body_variables == ("BX-2024-1234", "Mumbai Port", "25-Jan-2026")


def test_the_thread_shows_what_the_customer_reads(bundle, organization, thread):
    bundle.post(PATH, organization.agent, TEMPLATE | {"thread_id": thread})

    messages = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]

    assert messages[-1]["body_text"] == "BX-2024-1234 left Mumbai Port on 25-Jan-2026."
    assert messages[-1]["kind"] == "template"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        (
            {"template_name": "nothing"},
            "template_name",
            "No template nothing in language en: sync templates, or check both",
        ),
        (
            {"language": "hi"},
            "template_name",
            "No template shipping_update in language hi: sync templates, or check both",
        ),
        (
            {"template_name": "pending_one"},
            "template_name",
            "Template is pending, not approved: choose an approved one",
        ),
        ({"variables": {"1": "a", "2": "b"}}, "variables.3", "Variable 3 is missing"),
        (
            {"variables": {"1": "a", "2": "b", "3": "c", "4": "d"}},
            "variables.4",
            "Unknown variable 4",
        ),
        (
            {"variables": {"1": "a\nb", "2": "b", "3": "c"}},
            "variables.1",
            "variables.1 must not contain line breaks or control characters",
        ),
        (
            {"variables": {"1": "a", "2": "a     b", "3": "c"}},
            "variables.2",
            "variables.2 must not contain more than four spaces in a row",
        ),
        (
            {"variables": {"1": "a", "2": "b", "3": "\u200b"}},
            "variables.3",
            "variables.3 must not be blank",
        ),
        (
            {"variables": {"1": "x" * 1100, "2": "b", "3": "c"}},
            "variables.1",
            "The text would have 1113 characters with its variables; WhatsApp takes 1024",
        ),
        (
            {"template_name": "long", "variables": {"1": "1234567890", "2": "123456789012345"}},
            "variables.2",
            "The text would have 1025 characters with its variables; WhatsApp takes 1024",
        ),
        (
            {"template_name": "named", "variables": {"customer_name": "Asha", "voucher_code": "X1"}},
            "template_name",
            "Template named cannot be sent: It has named variables {{customer_name}}: "
            "only numbered ones, {{1}}, {{2}} and so on, are supported",
        ),
        (
            {"template_name": "named", "variables": {}},
            "template_name",
            "Template named cannot be sent: It has named variables {{customer_name}}: "
            "only numbered ones, {{1}}, {{2}} and so on, are supported",
        ),
        (
            {"template_name": "spaced", "variables": {"1": "Asha"}},
            "template_name",
            "Template spaced cannot be sent: It has named variables {{ 1 }}: "
            "only numbered ones, {{1}}, {{2}} and so on, are supported",
        ),
        (
            {"template_name": "pictured", "variables": {}},
            "template_name",
            "Template pictured cannot be sent: Its header wants a value of the kind IMAGE, which is not supported",
        ),
    ],
    ids=[
        "unknown",
        "language",
        "not approved",
        "missing",
        "extra",
        "two lines",
        "five spaces",
        "invisible",
        "longer than a text may be",
        "longer by one",
        "named variables",
        "named variables left out",
        "spaces in a place",
        "header",
    ],
)
def test_a_template_that_does_not_fit_is_refused_by_field(
    bundle, organization, thread, change, field, sentence
):
    answer = bundle.post(PATH, organization.agent, TEMPLATE | {"thread_id": thread} | change)

    assert (answer.status, answer.json["error"]) == (422, sentence)
    assert answer.json["details"] == {"field": field}
    assert bundle.queued("message") == []


def test_a_text_of_just_1024_characters_is_sent(bundle, organization, thread):
    wanted = {"template_name": "long", "variables": {"1": "1234567890", "2": "12345678901234"}}

    answer = bundle.post(PATH, organization.agent, TEMPLATE | {"thread_id": thread} | wanted)

    assert answer.status == 200


def test_without_whatsapp_the_answer_says_so(bundle, organization):
    started = mail_arrived(bundle, organization)

    answer = bundle.post(PATH, organization.agent, TEMPLATE | {"thread_id": started})

    assert (answer.status, answer.json["code"]) == (409, "not_configured")


def test_a_number_of_another_customer_may_be_written_to(bundle, organization, thread):
    customer_wrote(bundle, organization, sender="+919123456789")

    answer = bundle.post(PATH, organization.agent, TEMPLATE | {"thread_id": thread, "to": "+919123456789"})

    assert (answer.status, answer.data["to"]) == (200, "+919123456789")
