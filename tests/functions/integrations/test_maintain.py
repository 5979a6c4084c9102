"""What timers have done to integrations: the credentials tested, the numbers fetched again."""

import json

import pytest

from banxway.errors import ProviderDenied, ProviderUnavailable
from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.models.queue_items import IntegrationDue
from tests.support.gates.routes import handler_of
from tests.support.product.events import queue_event, queue_record
from tests.support.product.fakes import a_number, refused
from tests.support.product.stories import BODIES, SUPPORT, configure

DENIED = {"message": "Invalid credentials", "provider_status": 401}


def maintain(bundle, organization, kind, task):
    """Let the worker do one task, and return how many items it gives back."""
    due = IntegrationDue(organization_id=organization.id, integration_type=kind, task=task)
    record = queue_record(due.model_dump_json(), queue=bundle.queue_url("integration").rpartition("/")[2])
    return len(bundle.call(handler_of("integrations/maintain"), queue_event([record]))["batchItemFailures"])


def shown(bundle, organization, kind):
    return bundle.get(f"/api/v1/settings/integrations/{kind}", organization.agent).data


def notifications(bundle, organization):
    found = bundle.get("/api/v1/settings/notifications", organization.admin).data
    return [(each["kind"], each["subject"]) for each in found]


def audited(bundle, organization, action):
    query = f"/api/v1/settings/audit-logs?action={action}"
    return [entry["status"] for entry in bundle.get(query, organization.admin).data]


@pytest.mark.parametrize("kind", BODIES)
def test_credentials_that_still_work_stay_verified(bundle, organization, kind):
    saved = configure(bundle, organization.admin, kind)
    aged = "UPDATE integration_credentials SET last_verified_at = now() - interval '7 days' WHERE id = %s"
    bundle.database.rows(aged, (saved["id"],))

    assert maintain(bundle, organization, kind, "verify") == 0

    after = shown(bundle, organization, kind)
    assert after["is_verified"]
    assert after["last_verified_at"] >= saved["last_verified_at"]
    assert audited(bundle, organization, "integration.verify") == ["success"]


def test_credentials_that_no_longer_work_are_notified_once_until_the_next_success(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.checking.then(*[refused(ProviderDenied, **DENIED)] * 3)

    for _ in range(3):
        assert maintain(bundle, organization, "exotel_phone", "verify") == 0
    failing = shown(bundle, organization, "exotel_phone")["status"], notifications(bundle, organization)
    maintain(bundle, organization, "exotel_phone", "verify")
    working = shown(bundle, organization, "exotel_phone")["status"], notifications(bundle, organization)

    assert failing == ("Unverified", [("integration_failed", "exotel_phone")])
    assert working == ("Active", [])
    assert audited(bundle, organization, "integration.verify") == ["success", "failed", "failed", "failed"]
    assert audited(bundle, organization, "notification.created") == ["success"]


def test_saving_credentials_that_work_closes_the_notification(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.checking.then(refused(ProviderDenied, **DENIED))
    maintain(bundle, organization, "exotel_phone", "verify")

    configure(bundle, organization.admin, "exotel_phone", api_token="your_next_token")

    assert notifications(bundle, organization) == []


def test_a_mailbox_that_no_longer_lets_us_in_is_notified(bundle, organization):
    configure(bundle, organization.admin, "zoho_mail")
    bundle.providers.mail_sender.checking.then(
        SmtpCheck(success=False, host="smtp.zoho.com", port=587, secure=False, error="535 no")
    )

    maintain(bundle, organization, "zoho_mail", "verify")

    assert notifications(bundle, organization) == [("integration_failed", "zoho_mail")]


def test_an_outage_proves_nothing_about_credentials_and_is_tried_again(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.checking.then(refused(ProviderUnavailable, "Exotel cannot be reached"))

    assert maintain(bundle, organization, "exotel_phone", "verify") == 1

    assert shown(bundle, organization, "exotel_phone")["is_verified"]
    assert notifications(bundle, organization) == []


@pytest.mark.parametrize("half", ["smtp", "imap"])
def test_a_mail_server_that_is_down_proves_nothing_about_its_password(bundle, organization, half):
    configure(bundle, organization.admin, "zoho_mail")
    found = {"success": False, "host": "mail.zoho.com", "port": 587, "secure": False, "may_pass": True}
    if half == "smtp":
        bundle.providers.mail_sender.checking.then(SmtpCheck(**found, error="Connection timeout"))
    else:
        bundle.providers.mailbox(SUPPORT).checking.then(ImapCheck(**found, error="Connection timeout"))

    assert maintain(bundle, organization, "zoho_mail", "verify") == 1

    assert shown(bundle, organization, "zoho_mail")["is_verified"]
    assert notifications(bundle, organization) == []


def test_a_refused_password_beside_an_outage_is_notified(bundle, organization):
    configure(bundle, organization.admin, "zoho_mail")
    found = {"success": False, "host": "mail.zoho.com", "port": 587, "secure": False}
    bundle.providers.mail_sender.checking.then(SmtpCheck(**found, error="Connection timeout", may_pass=True))
    bundle.providers.mailbox(SUPPORT).checking.then(ImapCheck(**found, error="Invalid login: NO"))

    assert maintain(bundle, organization, "zoho_mail", "verify") == 0

    assert notifications(bundle, organization) == [("integration_failed", "zoho_mail")]


def test_a_daily_sync_finds_new_numbers_and_what_is_gone_becomes_inactive(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.numbers = [a_number("08047100002")]

    assert maintain(bundle, organization, "exotel_phone", "sync_numbers") == 0

    rows = bundle.database.rows(
        "SELECT phone_number, is_active FROM organization_phone_numbers WHERE organization_id = %s ORDER BY 1",
        (organization.id,),
    )
    assert [tuple(row.values()) for row in rows] == [("08047100001", False), ("08047100002", True)]


def test_a_sync_that_is_refused_is_audited_and_changes_nothing(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.listing.then(refused(ProviderDenied, **DENIED))

    assert maintain(bundle, organization, "exotel_phone", "sync_numbers") == 0

    assert audited(bundle, organization, "integration.sync") == ["failed"]
    assert len(bundle.get("/api/v1/settings/phone-numbers", organization.agent).data) == 1


@pytest.mark.parametrize("task", ["verify", "sync_numbers"])
@pytest.mark.parametrize("is_there", [True, False], ids=["switched off", "gone"])
def test_what_is_switched_off_or_gone_is_left_alone(bundle, organization, task, is_there):
    if is_there:
        configure(bundle, organization.admin, "exotel_phone")
        path = "/api/v1/settings/integrations/exotel_phone"
        bundle.request("PATCH", path, user=organization.admin, body={"is_active": False})
    asked = len(bundle.providers.exotel_accounts)

    assert maintain(bundle, organization, "exotel_phone", task) == 0

    assert len(bundle.providers.exotel_accounts) == asked


def test_an_unknown_task_is_poison(bundle, organization):
    item = {"organization_id": str(organization.id), "integration_type": "exotel_phone", "task": "dance"}
    record = queue_record(json.dumps(item), queue=bundle.queue_url("integration").rpartition("/")[2])

    answer = bundle.call(handler_of("integrations/maintain"), queue_event([record]))

    assert len(answer["batchItemFailures"]) == 1
