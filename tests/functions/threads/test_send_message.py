"""The guide's Tests 4 and 6: a message on WhatsApp, and a mail."""

from uuid import uuid4

import pytest

from banxway.errors import OutcomeUnknown, ProviderRejected
from tests.support.product.fakes import refused
from tests.support.product.matching import A_UUID, AN_INSTANT, Matching
from tests.support.product.stories import BUSINESS, CUSTOMER, SUPPORT, customer_wrote, mail_arrived

PATH = "/api/v1/communications/threads/{}/messages"
TEXT = {"channel": "WHATSAPP", "content": "Hello! This is a test message from Banxway.", "to": CUSTOMER}
MAIL = {
    "channel": "EMAIL",
    "to": "test@example.com",
    "subject": "Test Email from Banxway",
    "content_html": "<p>This is a <strong>test email</strong> from Banxway platform.</p>",
    "content_text": "This is a test email from Banxway platform.",
}


def shown(bundle, organization, thread):
    messages = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]
    return messages[-1]


def test_a_whatsapp_message_answers_as_the_guide_says(bundle, organization):
    thread = customer_wrote(bundle, organization)

    answer = bundle.post(PATH.format(thread), organization.agent, TEXT)

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


def test_what_the_worker_hands_over_in_time_is_named_in_the_answer(bundle, organization, worker_beside):
    thread = customer_wrote(bundle, organization)

    with worker_beside(bundle):
        answer = bundle.post(PATH.format(thread), organization.agent, TEXT)

    assert (answer.status, answer.data["message_sid"], answer.data["status"]) == (200, "sid-1", "queued")


def test_what_is_handed_over_carries_our_reference_and_callback(bundle, organization):
    thread = customer_wrote(bundle, organization)

    message_id = bundle.post(PATH.format(thread), organization.agent, TEXT).data["message_id"]
    bundle.work("message", "mail")

    (sent,) = bundle.providers.whatsapp.sent
    assert (sent.sender, sent.recipient, sent.content.body) == (BUSINESS, CUSTOMER, TEXT["content"])
    assert sent.reference == message_id
    assert sent.status_callback.startswith("https://api.test/api/v1/webhooks/exotel/whatsapp-status?")


def test_a_mail_answers_as_the_guide_says(bundle, organization, worker_beside):
    thread = mail_arrived(bundle, organization)

    with worker_beside(bundle):
        answer = bundle.post(PATH.format(thread), organization.agent, MAIL)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "message_id": A_UUID,
            "smtp_message_id": Matching("a Message-ID", r"<[^<>\s]+@yourdomain\.com>"),
            "status": "sent",
            "to": "test@example.com",
            "subject": "Test Email from Banxway",
            "created_at": AN_INSTANT,
        },
    }


def test_a_mail_is_signed_and_answers_the_customers(bundle, organization):
    thread = mail_arrived(bundle, organization)

    bundle.post(PATH.format(thread), organization.agent, MAIL)
    bundle.work("message", "mail")

    (mail,) = bundle.providers.mail_sender.sent
    assert (mail.sender, mail.to, mail.sender_name) == (SUPPORT, ("test@example.com",), "Support Inbox")
    assert mail.text.endswith("\n\n-- \nBest regards,\nSupport Team")
    assert mail.html.endswith("<br><br><p>Best regards,<br>Support Team</p>")
    assert mail.in_reply_to == "<first@customer.example>"
    assert mail.references == ("<first@customer.example>",)


def test_the_recipient_defaults_to_the_customers_address(bundle, organization):
    thread = mail_arrived(bundle, organization)

    answer = bundle.post(
        PATH.format(thread), organization.agent, {name: MAIL[name] for name in MAIL if name != "to"}
    )

    assert answer.data["to"] == "asha@customer.example"


def test_free_text_outside_the_window_asks_for_a_template(bundle, organization):
    thread = customer_wrote(bundle, organization)
    bundle.database.rows(
        "UPDATE messages SET occurred_at = now() - interval '25 hours' WHERE thread_id = %s", (thread,)
    )

    answer = bundle.post(PATH.format(thread), organization.agent, TEXT)

    assert (answer.status, answer.json["code"]) == (422, "template_required")
    assert answer.json["details"] == {"field": "content"}
    assert bundle.queued("message") == []


def test_what_the_provider_refuses_in_time_is_answered_with_its_words(bundle, organization, worker_beside):
    thread = customer_wrote(bundle, organization)
    bundle.providers.whatsapp.sending.then(
        refused(
            ProviderRejected,
            "The number cannot receive this",
            provider_status=400,
            provider_code="30013",
            provider_message="Incapable recipient",
            advice="Use another channel",
        )
    )

    with worker_beside(bundle):
        answer = bundle.post(PATH.format(thread), organization.agent, TEXT)

    assert answer.status == 422
    assert answer.json == {
        "success": False,
        "error": "Incapable recipient",
        "code": "provider_rejected",
        "details": {
            "message_id": A_UUID,
            "advice": "Use another channel",
            "exotel_error": "Incapable recipient",
        },
        "request_id": A_UUID,
    }
    assert shown(bundle, organization, thread)["status"] == "failed"


def test_a_lost_answer_says_not_to_send_again(bundle, organization, worker_beside):
    thread = customer_wrote(bundle, organization)
    bundle.providers.whatsapp.sending.then(refused(OutcomeUnknown, "The answer was lost"))

    with worker_beside(bundle):
        answer = bundle.post(PATH.format(thread), organization.agent, TEXT)

    assert (answer.status, answer.json["code"]) == (502, "outcome_unknown")
    assert "do not send again" in answer.json["error"]
    assert answer.json["details"] == {"message_id": A_UUID}
    assert shown(bundle, organization, thread)["status"] == "unknown"


@pytest.mark.parametrize("body", [TEXT, MAIL], ids=["whatsapp", "mail"])
def test_a_channel_that_is_not_set_up_says_so(bundle, organization, body):
    other = {"WHATSAPP": mail_arrived, "EMAIL": customer_wrote}[body["channel"]]
    thread = other(bundle, organization)

    answer = bundle.post(PATH.format(thread), organization.agent, body)

    assert (answer.status, answer.json["code"]) == (409, "not_configured")
    assert "an admin must add" in answer.json["error"]


def test_a_thread_that_moved_on_says_what_is_new(bundle, organization):
    thread = customer_wrote(bundle, organization, "First")
    customer_wrote(bundle, organization, "Second")
    messages = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]
    first, second = (each["id"] for each in sorted(messages, key=lambda each: each["body_text"]))

    answer = bundle.post(PATH.format(thread), organization.agent, TEXT | {"last_seen_message_id": first})
    then = bundle.post(PATH.format(thread), organization.agent, TEXT | {"last_seen_message_id": second})

    assert (answer.status, answer.json["code"]) == (409, "thread_moved_on")
    assert answer.json["details"] == {"new_messages": [second]}
    assert then.status == 200


def test_an_unknown_thread_is_not_found(bundle, organization):
    answer = bundle.post(PATH.format(uuid4()), organization.agent, TEXT)

    assert (answer.status, answer.json["error"]) == (404, "Thread not found")
