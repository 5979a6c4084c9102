"""The weekly tick."""

from banxway.errors import ProviderDenied
from functions.maintenance.enqueue_verification.app import handler
from tests.support.product.events import tick
from tests.support.product.fakes import refused
from tests.support.product.stories import configure


def test_every_active_integration_is_enqueued_to_be_verified(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    configure(lone_bundle, organization.admin, "exotel_whatsapp")

    answer = lone_bundle.call(handler, tick())

    queued = lone_bundle.queued("integration")
    assert answer == {"found": "2"}
    assert sorted(item["integration_type"] for item in queued) == ["exotel_phone", "exotel_whatsapp"]
    assert {item["task"] for item in queued} == {"verify"}
    assert {item["organization_id"] for item in queued} == {str(organization.id)}


def test_what_the_provider_refuses_is_notified_once_and_closed_when_it_works_again(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    lone_bundle.providers.voice.checking.always(refused(ProviderDenied, "Exotel refused the credentials"))
    for _ in range(2):
        lone_bundle.call(handler, tick())
        lone_bundle.work("integration")
    notifications = lone_bundle.get("/api/v1/settings/notifications", organization.agent).data
    status = lone_bundle.get("/api/v1/settings/configuration-status", organization.agent).data["phone"]

    lone_bundle.providers.voice.checking.always(None)
    lone_bundle.call(handler, tick())
    lone_bundle.work("integration")

    assert [(each["kind"], each["subject"]) for each in notifications] == [
        ("integration_failed", "exotel_phone")
    ]
    assert status["status"] == "unverified"
    assert lone_bundle.get("/api/v1/settings/notifications", organization.agent).data == []
    assert (
        "status"
        not in lone_bundle.get("/api/v1/settings/configuration-status", organization.agent).data["phone"]
    )


def test_with_nothing_configured_nothing_is_enqueued(lone_bundle):
    assert lone_bundle.call(handler, tick()) == {"found": "0"}
