"""Removing an integration."""

from tests.support.stories import configure, customer_wrote, incoming, post_callback, whatsapp_body

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
