"""The guide's Test 7: polling a mailbox at once."""

from uuid import uuid4

import pytest

from banxway.errors import ProviderDenied, ProviderUnavailable
from tests.support.product.fakes import refused
from tests.support.product.matching import AN_INSTANT
from tests.support.product.stories import SUPPORT, add_mailbox

PATH = "/api/v1/settings/email-accounts/{}/poll-now"


def a_mail(number: int) -> bytes:
    return (
        f"From: Customer {number} <c{number}@customer.example>\r\nTo: {SUPPORT}\r\nSubject: Parcel {number}\r\n"
        f"Message-ID: <{number}@customer.example>\r\n\r\nWhere is it?\r\n"
    ).encode()


def test_what_arrived_is_counted_as_the_guide_says(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    mailbox = bundle.providers.mailbox(SUPPORT)
    for number in (1, 2):
        mailbox.deliver(a_mail(number))

    answer = bundle.post(PATH.format(account["id"]), organization.manager)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "new_messages": 2,
            "new_threads": 2,
            "poll_duration_ms": answer.data["poll_duration_ms"],
            "last_polled_at": AN_INSTANT,
        },
    }
    assert 0 <= answer.data["poll_duration_ms"] < 15_000


def test_the_same_mail_polled_twice_appears_once(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    bundle.providers.mailbox(SUPPORT).deliver(a_mail(1))

    bundle.post(PATH.format(account["id"]), organization.manager)
    second = bundle.post(PATH.format(account["id"]), organization.manager)

    assert (second.data["new_messages"], second.data["new_threads"]) == (0, 0)
    assert bundle.get("/api/v1/communications/threads", organization.agent).json["count"] == 1


def test_agents_are_notified_of_new_mail(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    bundle.providers.mailbox(SUPPORT).deliver(a_mail(1))

    bundle.queued("change")

    bundle.post(PATH.format(account["id"]), organization.manager)

    assert {"organization_id": str(organization.id)} in bundle.queued("change")


def test_an_unknown_mailbox_is_not_found(bundle, organization):
    answer = bundle.post(PATH.format(uuid4()), organization.manager)

    assert (answer.status, answer.json["error"]) == (404, "Email account not found")


def test_an_id_that_is_none_is_refused_by_name(bundle, organization):
    answer = bundle.post(PATH.format("mine"), organization.manager)

    assert (answer.status, answer.json["error"]) == (422, "account_id must be a UUID")
    assert answer.json["details"] == {"field": "account_id"}


def test_a_mailbox_without_imap_says_how_to_switch_it_on(bundle, organization):
    account = add_mailbox(bundle, organization.admin, imap_enabled=False)

    answer = bundle.post(PATH.format(account["id"]), organization.manager)

    assert (answer.status, answer.json["code"]) == (409, "not_configured")
    assert "imap_enabled" in answer.json["error"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (refused(ProviderDenied, "Invalid login", provider="imap", provider_message="NO login"), 422),
        (refused(ProviderUnavailable, "The mail server does not answer", provider="imap"), 503),
    ],
    ids=["refused login", "no answer"],
)
def test_what_went_wrong_is_answered_and_shown_at_the_mailbox(bundle, organization, error, status):
    account = add_mailbox(bundle, organization.admin)
    bundle.providers.mailbox(SUPPORT).opening.then(error)

    answer = bundle.post(PATH.format(account["id"]), organization.manager)

    (listed,) = bundle.get("/api/v1/settings/email-accounts", organization.agent).data
    assert (answer.status, answer.json["error"]) == (status, error.message)
    assert listed["last_poll_error"] == error.message
