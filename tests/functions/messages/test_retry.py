"""Sending a message again, on an agent's word."""

import json

import pytest

from banxway.errors import OutcomeUnknown, ProviderRejected
from tests.support.product.fakes import refused
from tests.support.product.matching import AN_INSTANT
from tests.support.product.stories import mail_arrived

SEND = "/api/v1/communications/threads/{}/messages"
RETRY = "/api/v1/communications/messages/{}/retry"
MAIL = {"channel": "EMAIL", "subject": "Hello", "content_text": "Hello"}


@pytest.fixture
def thread(bundle, organization):
    return mail_arrived(bundle, organization)


def send(bundle, organization, thread, error):
    """Send a mail that meets an error, and return its id."""
    bundle.providers.mail_sender.sending.then(refused(error, "550 5.1.1 User unknown"))
    answer = bundle.post(SEND.format(thread), organization.agent, MAIL)
    bundle.work("mail")
    return answer.data["message_id"]


def test_a_failed_mail_is_sent_again_and_the_answer_is_that_of_sending(bundle, organization, thread):
    message = send(bundle, organization, thread, ProviderRejected)

    answer = bundle.post(RETRY.format(message), organization.agent, {})
    bundle.work("mail")

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "message_id": message,
            "smtp_message_id": f"<{message}@yourdomain.com>",
            "status": "queued",
            "to": "asha@customer.example",
            "subject": "Hello",
            "created_at": AN_INSTANT,
        },
    }
    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"][-1]
    assert (shown["id"], shown["status"], shown["failure_reason"]) == (message, "sent", None)


def test_an_unknown_mail_needs_the_senders_word(bundle, organization, thread):
    message = send(bundle, organization, thread, OutcomeUnknown)

    refusal = bundle.post(RETRY.format(message), organization.agent, {})
    confirmed = bundle.post(RETRY.format(message), organization.agent, {"confirm_not_delivered": True})
    bundle.work("mail")

    assert (refusal.status, refusal.json["code"]) == (409, "conflict")
    assert refusal.json["details"] == {"field": "confirm_not_delivered", "status": "unknown"}
    assert confirmed.status == 200
    assert len(bundle.providers.mail_sender.sent) == 2


def test_the_same_key_gives_the_first_answer_and_sends_nothing(bundle, organization, thread):
    message = send(bundle, organization, thread, ProviderRejected)

    answers = [
        bundle.post(RETRY.format(message), organization.agent, {}, Idempotency_Key="k") for _ in range(3)
    ]
    bundle.work("mail")

    assert len({answer.text for answer in answers}) == 1
    assert len(bundle.providers.mail_sender.sent) == 2


@pytest.mark.parametrize("value", ["perhaps", None, [], 2])
def test_a_word_that_is_neither_yes_nor_no_is_refused(bundle, organization, thread, value):
    message = send(bundle, organization, thread, OutcomeUnknown)

    answer = bundle.post(RETRY.format(message), organization.agent, {"confirm_not_delivered": value})

    assert (answer.status, answer.json["details"]["field"]) == (422, "confirm_not_delivered")
    assert len(bundle.providers.mail_sender.sent) == 1


def test_the_trail_says_who_wanted_it(bundle, organization, thread):
    message = send(bundle, organization, thread, ProviderRejected)

    bundle.post(RETRY.format(message), organization.agent, {})

    query = "/api/v1/settings/audit-logs?action=message.retry"
    (entry,) = bundle.get(query, organization.admin).data
    assert entry["user_id"] == str(organization.agent)
    assert json.dumps(entry["details"]).count(message) == 1
