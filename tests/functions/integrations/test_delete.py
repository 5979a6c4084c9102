"""Removing an integration."""

from tests.support.product.stories import (
    configure,
    customer_wrote,
    incoming,
    mail_arrived,
    post_callback,
    whatsapp_body,
)

PATH = "/api/v1/settings/integrations/{}"


def test_a_removed_integration_is_gone_and_its_numbers_are_inactive(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")

    answer = bundle.request("DELETE", PATH.format("exotel_phone"), user=organization.admin)

    assert answer.status == 200
    assert answer.json == {"success": True, "message": "Integration deleted", "data": None}
    assert bundle.get(PATH.format("exotel_phone"), organization.admin).status == 404
    assert bundle.get("/api/v1/settings/phone-numbers", organization.admin).data == []


def test_the_history_stays(bundle, organization):
    thread = customer_wrote(bundle, organization)

    bundle.request("DELETE", PATH.format("exotel_whatsapp"), user=organization.admin)

    actions = [
        entry["action"] for entry in bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    ]
    kept = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]
    assert actions == ["integration.delete", "integration.configure"]
    assert [message["body_text"] for message in kept] == ["Where is my parcel?"]


def test_the_callback_address_of_a_removed_integration_opens_nothing(bundle, organization):
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    bundle.request("DELETE", PATH.format("exotel_whatsapp"), user=organization.admin)

    post_callback(bundle, url, whatsapp_body(incoming("Hello")))
    bundle.work("webhook")

    (event,) = bundle.database.rows(
        "SELECT outcome FROM webhook_events WHERE organization_id = %s", (organization.id,)
    )
    assert event["outcome"] == "revoked"
    assert bundle.get("/api/v1/communications/threads", organization.agent).data == []


def test_what_is_not_configured_cannot_be_removed(bundle, organization):
    answer = bundle.request("DELETE", PATH.format("exotel_phone"), user=organization.admin)

    assert (answer.status, answer.json["error"]) == (404, "Integration not found")


def test_what_waits_to_be_sent_fails_with_the_reason_and_is_not_sent(bundle, organization):
    thread = customer_wrote(bundle, organization)
    path = f"/api/v1/communications/threads/{thread}/messages"
    bundle.post(path, organization.agent, {"channel": "WHATSAPP", "content": "On its way"})

    bundle.request("DELETE", PATH.format("exotel_whatsapp"), user=organization.admin)
    bundle.work("message", "mail")

    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]
    (message,) = [each for each in shown if each["direction"] == "outbound"]
    entry = bundle.get("/api/v1/settings/audit-logs", organization.admin).data[0]
    assert message["status"] == "failed"
    assert message["failure_reason"] == (
        "The exotel_whatsapp integration was deleted before this message was sent"
    )
    assert bundle.providers.whatsapp.sent == []
    assert entry["details"]["failed_messages"] == 1


def test_deleting_one_channel_leaves_what_waits_on_another(bundle, organization):
    thread = customer_wrote(bundle, organization)
    configure(bundle, organization.admin, "exotel_phone")
    path = f"/api/v1/communications/threads/{thread}/messages"
    bundle.post(path, organization.agent, {"channel": "WHATSAPP", "content": "On its way"})

    bundle.request("DELETE", PATH.format("exotel_phone"), user=organization.admin)
    bundle.work("message", "mail")

    assert len(bundle.providers.whatsapp.sent) == 1


def test_a_mailbox_is_kept_but_neither_polled_nor_sent_from(bundle, organization):
    thread = mail_arrived(bundle, organization)
    configure(bundle, organization.admin, "zoho_mail")
    mail = {"channel": "EMAIL", "to": "test@example.com", "subject": "Hello", "content_text": "Hello"}
    bundle.post(f"/api/v1/communications/threads/{thread}/messages", organization.agent, mail)

    bundle.request("DELETE", PATH.format("zoho_mail"), user=organization.admin)
    bundle.work("message", "mail")

    (mailbox,) = bundle.get("/api/v1/settings/email-accounts", organization.admin).data
    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]
    assert (mailbox["smtp_enabled"], mailbox["imap_enabled"]) == (False, False)
    assert [each["status"] for each in shown if each["direction"] == "outbound"] == ["failed"]
    assert bundle.providers.mail_sender.sent == []
