"""Receiving Exotel's word on a call."""

import base64
from urllib.parse import urlencode, urlsplit

from tests.support.product.stories import configure

FORM = urlencode({"CallSid": "c-1", "Status": "completed", "ConversationDuration": "42"})
AS_FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_a_form_is_queued_verbatim(bundle, organization):
    parts = urlsplit(configure(bundle, organization.admin, "exotel_phone")["callback_url"])

    answer = bundle.request("POST", f"{parts.path}?{parts.query}", raw=FORM, headers=AS_FORM)

    (item,) = bundle.queued("webhook")
    assert (answer.status, answer.json) == (200, {"success": True})
    assert base64.b64decode(item["body"]).decode() == FORM
    assert (item["kind"], item["content_type"], item["readable"]) == (
        "call_status",
        "application/x-www-form-urlencoded",
        True,
    )


def test_a_call_report_is_kept(bundle, organization):
    parts = urlsplit(configure(bundle, organization.admin, "exotel_phone")["callback_url"])
    for _ in range(2):
        bundle.request("POST", f"{parts.path}?{parts.query}", raw=FORM, headers=AS_FORM)
    bundle.work("webhook")

    rows = bundle.database.rows(
        "SELECT provider_sid, status, duration_s FROM call_reports WHERE organization_id = %s",
        (organization.id,),
    )
    assert rows == [{"provider_sid": "c-1", "status": "completed", "duration_s": 42}]


def test_a_whatsapp_url_opens_nothing_here(bundle, organization):
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    parts = urlsplit(url.replace("whatsapp-status", "call-status"))

    answer = bundle.request("POST", f"{parts.path}?{parts.query}", raw=FORM, headers=AS_FORM)

    assert (answer.status, answer.json["error"]) == (401, "Invalid webhook reference")
    assert bundle.queued("webhook") == []
