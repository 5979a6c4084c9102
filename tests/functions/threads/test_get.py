"""Showing one thread."""

from uuid import uuid4

from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import BUSINESS, CUSTOMER, SUPPORT, customer_wrote, mail_arrived

PATH = "/api/v1/communications/threads/{}"


def test_a_thread_is_shown_with_its_customer_and_messages(bundle, organization):
    thread = customer_wrote(bundle, organization)

    answer = bundle.get(PATH.format(thread), organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "id": thread,
            "subject": "Where is my parcel?",
            "status": "open",
            "customer": {
                "id": A_UUID,
                "name": "Asha",
                "addresses": [{"kind": "phone", "address": CUSTOMER, "via": ""}],
            },
            "assigned_to_user_id": None,
            "tags": [],
            "is_spam": False,
            "related_thread_id": None,
            "suggested_customer": None,
            "reply_to": {"WHATSAPP": [CUSTOMER]},
            "reply_all": {"WHATSAPP": [CUSTOMER]},
            "last_message_at": AN_INSTANT,
            "created_at": AN_INSTANT,
            "events": [],
            "messages": [
                {
                    "id": A_UUID,
                    "channel": "WHATSAPP",
                    "direction": "inbound",
                    "kind": "text",
                    "status": "received",
                    "sender": CUSTOMER,
                    "sender_name": "",
                    "recipient": BUSINESS,
                    "subject": "",
                    "body_text": "Where is my parcel?",
                    "to": [],
                    "cc": [],
                    "reply_to": [],
                    "reply_text": None,
                    "signature_text": None,
                    "automatic": None,
                    "seen_at": None,
                    "is_spam": False,
                    "authentication": None,
                    "message_sid": answer.data["messages"][0]["message_sid"],
                    "failure_reason": None,
                    "failure_advice": None,
                    "origin": None,
                    "join_rule": "new",
                    "join_evidence": "",
                    "problems": [],
                    "media_url": None,
                    "referral": None,
                    "events": [],
                    "reactions": [],
                    "attachments": [],
                    "created_by": None,
                    "date": None,
                    "occurred_at": AN_INSTANT,
                    "is_cut": False,
                    "cut_fields": [],
                }
            ],
            "is_cut": False,
            "next_cursor": None,
        },
    }


def test_a_mail_is_shown_readable(bundle, organization):
    thread = mail_arrived(bundle, organization, subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")

    (message,) = bundle.get(PATH.format(thread), organization.agent).data["messages"]

    assert (message["channel"], message["subject"], message["body_text"].strip()) == (
        "EMAIL",
        "Grüße",
        "Where is it?",
    )
    assert (message["sender"], message["recipient"], message["origin"]) == (
        "asha@customer.example",
        SUPPORT,
        "human",
    )
    assert (message["to"], message["cc"], message["authentication"]) == ([SUPPORT], [], "none")
    assert message["date"] == "2026-01-15T09:30:00Z"


def test_an_unknown_thread_is_not_found(bundle, organization):
    answer = bundle.get(PATH.format(uuid4()), organization.agent)

    assert answer.status == 404
    assert answer.json == {
        "success": False,
        "error": "Thread not found",
        "code": "not_found",
        "details": {},
        "request_id": A_UUID,
    }


def test_an_id_that_is_none_is_refused_by_name(bundle, organization):
    answer = bundle.get(PATH.format("latest"), organization.agent)

    assert (answer.status, answer.json["details"]) == (422, {"field": "thread_id"})
