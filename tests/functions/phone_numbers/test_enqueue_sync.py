"""The daily tick."""

from functions.phone_numbers.enqueue_sync.app import handler
from tests.support.product.events import tick
from tests.support.product.fakes import a_number
from tests.support.product.stories import configure


def test_an_active_phone_account_is_enqueued_to_be_synced(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    configure(lone_bundle, organization.admin, "exotel_whatsapp")

    answer = lone_bundle.call(handler, tick())

    assert answer == {"found": "1"}
    assert lone_bundle.queued("integration") == [
        {
            "organization_id": str(organization.id),
            "integration_type": "exotel_phone",
            "task": "sync_numbers",
        }
    ]


def test_a_number_that_is_new_at_the_provider_is_there_the_next_day(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    lone_bundle.providers.voice.numbers.append(a_number("08047100002", e164="+918047100002"))

    lone_bundle.call(handler, tick())
    lone_bundle.work("integration")

    numbers = lone_bundle.get("/api/v1/settings/phone-numbers", organization.admin).data
    assert len(numbers) == 2


def test_an_account_that_is_switched_off_is_left_alone(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    lone_bundle.database.rows("UPDATE integration_credentials SET is_active = false")

    assert lone_bundle.call(handler, tick()) == {"found": "0"}
