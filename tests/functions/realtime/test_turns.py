"""A state that people see is a change when an admin, a worker or a timer turns it; browsers learn it at once."""

from uuid import UUID

import pytest

from banxway.errors import ProviderDenied
from banxway.models.queue_items import MailboxesDue
from functions.email_sync.poll_mailboxes.app import handler as poll
from tests.support.product.events import queue_event, queue_record
from tests.support.product.fakes import refused
from tests.support.product.stories import PHONE, SUPPORT, add_mailbox, configure

CHANGES = "/api/v1/communications/changes"
SETTINGS = "/api/v1/settings"


def latest(bundle, organization) -> int:
    return bundle.get(CHANGES, organization.agent).data["latest"]


def kinds_since(bundle, organization, number: int) -> list[str]:
    found = bundle.get(f"{CHANGES}?since={number}", organization.agent).data["changes"]
    return [each["kind"] for each in found]


def poll_once(bundle, organization, account) -> None:
    item = MailboxesDue.of(organization.id, UUID(account["id"])).model_dump_json()
    name = bundle.queue_url("mailbox").rpartition("/")[2]
    assert bundle.call(poll, queue_event([queue_record(item, queue=name)])) == {"batchItemFailures": []}


def test_saved_credentials_with_their_numbers_are_one_change_of_each_kind(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")

    assert sorted(kinds_since(bundle, organization, 0)) == ["integration.updated", "phone_number.updated"]
    assert bundle.queued("change") == [{"organization_id": str(organization.id)}]


def test_a_failed_test_of_what_is_stored_turns_the_badge_for_everybody(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    before = latest(bundle, organization)
    bundle.queued("change")
    bundle.providers.voice.checking.then(refused(ProviderDenied, "Invalid credentials"))

    bundle.post(f"{SETTINGS}/integrations/exotel_phone/test", organization.admin)

    assert "integration.updated" in kinds_since(bundle, organization, before)
    assert bundle.queued("change")


def test_a_test_of_what_is_only_typed_changes_nothing_that_others_see(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    before = latest(bundle, organization)

    typed = PHONE | {"api_token": "another_token"}
    bundle.post(f"{SETTINGS}/integrations/exotel_phone/test", organization.admin, typed)

    assert kinds_since(bundle, organization, before) == []


def test_a_poll_that_finds_the_password_refused_is_a_change_and_the_repair_is_another(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    before = latest(bundle, organization)
    bundle.queued("change")
    bundle.providers.mailbox(SUPPORT).opening.then(refused(ProviderDenied, "535 Authentication failed"))

    poll_once(bundle, organization, account)
    failed, announced = kinds_since(bundle, organization, before), bundle.queued("change")
    before = latest(bundle, organization)
    bundle.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '1 hour'")
    poll_once(bundle, organization, account)

    assert ("mailbox.updated" in failed, len(announced) > 0) == (True, True)
    assert "mailbox.updated" in kinds_since(bundle, organization, before)
    assert bundle.queued("change")


def test_a_poll_that_works_as_before_is_no_change(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    poll_once(bundle, organization, account)
    before = latest(bundle, organization)
    bundle.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '1 hour'")

    poll_once(bundle, organization, account)

    assert kinds_since(bundle, organization, before) == []


def test_an_assigned_number_is_a_change(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    (number,) = bundle.get(f"{SETTINGS}/phone-numbers", organization.admin).data
    before = latest(bundle, organization)

    bundle.post(
        f"{SETTINGS}/phone-numbers/{number['id']}/assign",
        organization.admin,
        {"user_id": str(organization.agent)},
    )

    assert kinds_since(bundle, organization, before) == ["phone_number.updated"]


def test_a_sync_that_finds_what_is_known_is_no_change(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    before = latest(bundle, organization)

    bundle.post(f"{SETTINGS}/integrations/exotel_phone/sync", organization.admin)

    assert kinds_since(bundle, organization, before) == []


def test_another_organization_hears_nothing(bundle, organization):
    other = bundle.database.add_organization("Other")

    configure(bundle, organization.admin, "exotel_phone")

    assert kinds_since(bundle, other, 0) == []


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_a_refused_request_announces_nothing(bundle, organization, role):
    answer = bundle.post(
        f"{SETTINGS}/integrations/exotel_phone", getattr(organization, role), {"account_sid": "x"}
    )

    assert answer.status == 403
    assert bundle.queued("change") == []


def test_a_rotation_is_a_change_when_it_begins(bundle, organization):
    before = latest(bundle, organization)

    bundle.post(f"{SETTINGS}/encryption/rotate", organization.admin)

    assert "rotation.updated" in kinds_since(bundle, organization, before)
