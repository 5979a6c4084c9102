"""Comparing a mailbox with what is stored of it."""

from uuid import uuid4

import pytest

from banxway.errors import ProviderUnavailable
from tests.support.product.fakes import refused
from tests.support.product.stories import SUPPORT, add_mailbox

PATH = "/api/v1/settings/email-accounts/{}/comparison"
POLL = "/api/v1/settings/email-accounts/{}/poll-now"


@pytest.fixture
def account(bundle, organization):
    """A mailbox with three mails, polled."""
    account = add_mailbox(bundle, organization.admin)
    mailbox = bundle.providers.mailbox(SUPPORT)
    for number in range(3):
        mailbox.deliver(f"From: c{number}@customer.example\r\nSubject: Parcel {number}\r\n\r\n?\r\n".encode())
    bundle.post(POLL.format(account["id"]), organization.manager)
    return account["id"]


def inbox(answer):
    (folder,) = [each for each in answer.data["folders"] if each["role"] == "inbox"]
    return folder


def test_a_mailbox_whose_mail_is_all_stored_is_complete(bundle, organization, account):
    answer = bundle.get(PATH.format(account), organization.manager)

    assert answer.status == 200
    assert answer.data["is_complete"] is True
    assert [each["name"] for each in answer.data["folders"]] == ["INBOX", "Sent", "Spam"]
    assert inbox(answer) == {
        "name": "INBOX",
        "role": "inbox",
        "on_server": 3,
        "stored": 3,
        "missing": 0,
        "missing_uids": [],
        "not_visible": 0,
        "unfiled": 0,
        "short": 0,
        "problem": None,
        "renamed_to": None,
        "is_complete": True,
    }


def test_rows_deleted_by_hand_are_named_and_the_next_poll_brings_them_back(bundle, organization, account):
    bundle.database.rows("DELETE FROM mailbox_messages WHERE uid IN (1, 3)")

    before = bundle.get(PATH.format(account), organization.manager)
    bundle.post(POLL.format(account), organization.manager)
    after = bundle.get(PATH.format(account), organization.manager)

    assert before.data["is_complete"] is False
    assert (inbox(before)["stored"], inbox(before)["missing_uids"]) == (1, [1, 3])
    assert after.data["is_complete"] is True


def test_what_is_gone_on_the_server_is_kept_and_counted(bundle, organization, account):
    bundle.providers.mailbox(SUPPORT).delete([2])

    answer = bundle.get(PATH.format(account), organization.manager)

    assert answer.data["is_complete"] is True
    assert (inbox(answer)["on_server"], inbox(answer)["not_visible"]) == (2, 1)


def test_a_server_that_does_not_answer_is_an_error_that_says_so(bundle, organization, account):
    bundle.providers.mailbox(SUPPORT).listing.then(refused(ProviderUnavailable, "No answer", provider="imap"))

    answer = bundle.get(PATH.format(account), organization.manager)

    assert (answer.status, answer.json["error"]) == (503, "No answer")


def test_an_unknown_mailbox_is_not_found(bundle, organization):
    assert bundle.get(PATH.format(uuid4()), organization.manager).status == 404
