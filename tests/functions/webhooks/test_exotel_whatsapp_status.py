"""Receiving delivery reports and customers' messages."""

import base64
import json

from tests.support.product.stories import configure, incoming, post_callback, report, whatsapp_body


def test_a_genuine_callback_is_queued_verbatim(bundle, organization):
    saved = configure(bundle, organization.admin, "exotel_whatsapp")
    content = whatsapp_body(report("sid-1", 30002, "EX_MESSAGE_DELIVERED"), incoming("Hello"))

    answer = post_callback(bundle, saved["callback_url"], content)

    (item,) = bundle.queued("webhook")
    assert (answer.status, answer.json) == (200, {"success": True})
    assert json.loads(base64.b64decode(item.pop("body"))) == content
    item.pop("received_at")
    assert item == {
        "kind": "whatsapp",
        "organization_id": str(organization.id),
        "subject": "integration",
        "subject_id": saved["id"],
        "generation": 1,
        "content_type": "application/json",
        "body_blob": None,
        "readable": True,
    }


def test_a_large_callback_goes_by_way_of_the_blob_store(bundle, organization):
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    content = whatsapp_body(incoming("x" * 70_000))

    assert post_callback(bundle, url, content).status == 200

    (item,) = bundle.queued("webhook")
    assert item["body"] is None
    assert json.loads(bundle.app.infrastructure.blobs.get(organization.id, item["body_blob"])) == content


def test_the_url_of_a_message_receives_too(bundle, organization):
    url = bundle.app.webhooks.urls.for_message(organization.id, organization.agent)

    assert post_callback(bundle, url, whatsapp_body(incoming("Hello"))).status == 200

    (item,) = bundle.queued("webhook")
    assert (item["subject"], item["subject_id"], item["generation"]) == (
        "unit",
        str(organization.agent),
        None,
    )


def test_a_call_url_opens_nothing_here(bundle, organization):
    url = configure(bundle, organization.admin, "exotel_phone")["callback_url"]

    answer = post_callback(bundle, url.replace("call-status", "whatsapp-status"), whatsapp_body())

    assert (answer.status, answer.json["error"]) == (401, "Invalid webhook reference")
    assert bundle.queued("webhook") == []
