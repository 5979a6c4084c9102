"""Idempotency-Key: the same request again is answered again and contacts nobody again (threats 7 and 8)."""

import pytest

from banxway.errors import ProviderRejected
from tests.support.gates.routes import ROUTES
from tests.support.product.fakes import a_template, refused
from tests.support.product.stories import CUSTOMER, configure, customer_wrote, mail_arrived
from tests.support.timing.racing import Background, held, patient, until_waiting

SEND = "/api/v1/communications/threads/{}/messages"
SEND_TEMPLATE = "/api/v1/communications/messages/send-template"
TEXT = {"channel": "WHATSAPP", "content": "On its way"}
# Every route by which a customer is contacted.
CONTACTING = {
    "POST /api/v1/communications/threads/{thread_id}/messages",
    "POST /api/v1/communications/messages/send-template",
    "POST /api/v1/communications/messages/{message_id}/retry",
}
RACERS = 4


def outbound(bundle):
    return bundle.database.rows("SELECT id::text, status FROM messages WHERE direction = 'outbound'")


def test_exactly_the_routes_that_contact_a_customer_take_a_key():
    assert {str(r) for r in ROUTES if r.endpoint and r.endpoint.idempotent} == CONTACTING


def test_the_same_request_is_answered_the_same_and_sent_once(bundle, organization):
    path = SEND.format(customer_wrote(bundle, organization))

    first = bundle.post(path, organization.agent, TEXT, Idempotency_Key="k")
    bundle.work("message", "mail")
    second = bundle.post(path, organization.agent, TEXT, Idempotency_Key="k")
    bundle.work("message", "mail")

    assert (first.status, first.text) == (second.status, second.text)
    assert [row["status"] for row in outbound(bundle)] == ["accepted"]
    assert len(bundle.providers.whatsapp.sent) == 1


def test_a_template_and_a_mail_are_sent_once_too(bundle, organization):
    thread = mail_arrived(bundle, organization)
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
    bundle.providers.whatsapp.templates = [a_template()]
    bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)
    template = {"thread_id": thread, "template_name": "shipping_update", "to": CUSTOMER}
    template["variables"] = {"1": "a", "2": "b"}
    mail = {"channel": "EMAIL", "subject": "Hello", "content_text": "Hello"}

    for path, body in ((SEND_TEMPLATE, template), (SEND.format(thread), mail)):
        first = bundle.post(path, organization.agent, body, Idempotency_Key="k")
        second = bundle.post(path, organization.agent, body, Idempotency_Key="k")
        assert (first.status, first.text) == (200, second.text)
    bundle.work("message", "mail")

    assert len(bundle.providers.whatsapp.sent) == len(bundle.providers.mail_sender.sent) == 1


def test_without_a_key_the_same_request_is_another_message(bundle, organization):
    path = SEND.format(customer_wrote(bundle, organization))

    answers = [bundle.post(path, organization.agent, TEXT) for _ in range(2)]

    assert len({answer.data["message_id"] for answer in answers}) == 2


@pytest.mark.parametrize(
    "change", [{"content": "Something else"}, {"to": CUSTOMER}], ids=["text", "recipient"]
)
def test_another_body_under_the_same_key_is_refused(bundle, organization, change):
    path = SEND.format(customer_wrote(bundle, organization))
    bundle.post(path, organization.agent, TEXT, Idempotency_Key="k")

    answer = bundle.post(path, organization.agent, TEXT | change, Idempotency_Key="k")

    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert answer.json["error"] == "This Idempotency-Key was used for another request"
    assert answer.json["details"] == {"field": "Idempotency-Key"}
    assert len(outbound(bundle)) == 1


def test_another_thread_under_the_same_key_is_refused(bundle, organization):
    thread = customer_wrote(bundle, organization)
    other = customer_wrote(bundle, organization, sender="+919111111111")
    bundle.post(SEND.format(thread), organization.agent, TEXT, Idempotency_Key="k")

    answer = bundle.post(SEND.format(other), organization.agent, TEXT, Idempotency_Key="k")

    assert (answer.status, len(outbound(bundle))) == (409, 1)


def test_a_key_is_its_users_own(bundle, organization):
    path = SEND.format(customer_wrote(bundle, organization))

    answers = [
        bundle.post(path, user, TEXT, Idempotency_Key="k")
        for user in (organization.agent, organization.manager)
    ]

    assert len({answer.data["message_id"] for answer in answers}) == 2


def test_a_key_is_its_organizations_own(bundle, organization):
    other = bundle.database.add_organization("Other")
    answers = [
        bundle.post(SEND.format(customer_wrote(bundle, each)), each.agent, TEXT, Idempotency_Key="k")
        for each in (organization, other)
    ]

    assert [answer.status for answer in answers] == [200, 200]
    assert len({answer.data["message_id"] for answer in answers}) == 2


def test_a_refused_send_is_refused_again_and_not_sent_again(bundle, organization):
    path = SEND.format(customer_wrote(bundle, organization))
    bundle.providers.whatsapp.sending.then(refused(ProviderRejected, "No", provider_message="Their no"))
    bundle.post(path, organization.agent, TEXT, Idempotency_Key="before it was known")
    bundle.post(path, organization.agent, TEXT | {"content": "Else"}, Idempotency_Key="k")
    bundle.work("message", "mail")
    # Whichever the worker took first was refused; a crash before the first answer is what leaves none kept.
    bundle.database.rows("UPDATE idempotency_keys SET answer = NULL")

    answers = [
        bundle.post(path, organization.agent, TEXT, Idempotency_Key="before it was known"),
        bundle.post(path, organization.agent, TEXT | {"content": "Else"}, Idempotency_Key="k"),
    ]

    assert sorted(answer.status for answer in answers) == [200, 422]
    assert len(bundle.providers.whatsapp.sent) == len(outbound(bundle)) == 2


def test_a_request_that_was_refused_before_it_was_written_may_come_again(bundle, organization):
    thread = customer_wrote(bundle, organization)
    bundle.database.rows("UPDATE messages SET occurred_at = now() - interval '2 days'")
    refused_first = bundle.post(SEND.format(thread), organization.agent, TEXT, Idempotency_Key="k")
    customer_wrote(bundle, organization, "Still there?")

    answer = bundle.post(SEND.format(thread), organization.agent, TEXT, Idempotency_Key="k")

    assert (refused_first.json["code"], answer.status) == ("template_required", 200)


def test_of_requests_at_once_one_is_sent_and_all_are_answered_alike(bundle, organization):
    """Each racer is a process of its own: another App, another connection. All meet in mid-transaction."""
    thread = customer_wrote(bundle, organization)
    racers = [bundle.twin() for _ in range(RACERS)]

    def race(racer):
        patient(racer.app)
        try:
            return racer.post(SEND.format(thread), organization.agent, TEXT, Idempotency_Key="k")
        finally:
            racer.close()

    with held(bundle.database, "SELECT FROM threads WHERE id = %s FOR UPDATE", (thread,)):
        racing = [Background(lambda racer=racer: race(racer)) for racer in racers]
        until_waiting(bundle.database, RACERS)
    answers = [each.result() for each in racing]
    bundle.work("message", "mail")

    assert [answer.status for answer in answers] == [200] * RACERS
    assert len({answer.data["message_id"] for answer in answers}) == 1
    assert len(outbound(bundle)) == len(bundle.providers.whatsapp.sent) == 1


def test_a_long_key_in_any_script_is_taken(bundle, organization):
    path = SEND.format(customer_wrote(bundle, organization))

    first = bundle.post(path, organization.agent, TEXT, Idempotency_Key="क" * 255)
    second = bundle.post(path, organization.agent, TEXT, Idempotency_Key="क" * 255)

    assert (first.status, first.text) == (200, second.text)
