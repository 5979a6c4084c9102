"""The worker that holds IDLE on mailboxes."""

import json
from uuid import uuid4

import pytest

from banxway.errors import ProviderUnavailable
from functions.email_sync.hold_idle.app import handler
from tests.support.product.events import queue_event, queue_record
from tests.support.product.fakes import refused
from tests.support.product.stories import SUPPORT, add_mailbox

MAIL = f"From: asha@customer.example\r\nTo: {SUPPORT}\r\nSubject: Parcel\r\n\r\nWhere is it?\r\n".encode()


@pytest.fixture(autouse=True)
def short_holds(monkeypatch):
    """Hold for a moment, not for a quarter of an hour."""
    monkeypatch.setattr("banxway.services.email_sync.idle.HELD_S", 0.2)
    monkeypatch.setattr("banxway.services.email_sync.idle.SLICE_S", 0.05)


def due(bundle, organization, account_id):
    item = json.dumps({"organization_id": str(organization.id), "account_id": account_id})
    name = bundle.queue_url("idle").rpartition("/")[2]
    return queue_event([queue_record(item, queue=name)])


def test_what_is_there_is_filed_and_the_next_holder_begins(bundle, organization):
    account = add_mailbox(bundle, organization.admin, uses_idle=True)
    bundle.providers.mailbox(SUPPORT).deliver(MAIL)

    answer = bundle.call(handler, due(bundle, organization, account["id"]))

    assert answer == {"batchItemFailures": []}
    assert bundle.get("/api/v1/communications/threads", organization.agent).json["count"] == 1
    assert bundle.queued("idle") == [{"organization_id": str(organization.id), "account_id": account["id"]}]


def test_a_server_that_does_not_answer_is_noted_and_not_retried_by_the_queue(bundle, organization):
    account = add_mailbox(bundle, organization.admin, uses_idle=True)
    bundle.providers.mailbox(SUPPORT).listing.then(
        refused(ProviderUnavailable, "No answer", provider="imap", operation="folders")
    )

    answer = bundle.call(handler, due(bundle, organization, account["id"]))

    (listed,) = bundle.get("/api/v1/settings/email-accounts", organization.agent).data
    assert answer == {"batchItemFailures": []}
    assert listed["last_poll_error"] == "No answer"
    assert bundle.queued("idle") == []


def test_an_item_of_a_mailbox_that_is_gone_or_anothers_opens_nothing(bundle, organization):
    account = add_mailbox(bundle, organization.admin, uses_idle=True)
    other = bundle.database.add_organization("Other")

    for item in (due(bundle, other, account["id"]), due(bundle, organization, str(uuid4()))):
        assert bundle.call(handler, item) == {"batchItemFailures": []}

    assert bundle.providers.mailbox(SUPPORT).listed == 0
