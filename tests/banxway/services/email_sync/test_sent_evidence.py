"""A mail whose answer was lost is searched for in Sent: if found it was sent, else it stays unknown for a person."""

from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import CUSTOMER_MAIL, add_mail, deliver
from tests.support.product.builders import Product, a_mail
from tests.support.product.fake_mailbox import FakeMailbox
from tests.support.product.scripts import refused


@pytest.fixture
def unknown(product: Product, organization: Organization, account: UUID) -> UUID:
    """A mail that was submitted, and whose answer was lost."""
    thread = product.add_thread(organization, email=CUSTOMER_MAIL)
    message = add_mail(product, organization, thread, account, mail_message_id="ours@yourdomain.com")
    product.providers.mail_sender.sending.then(refused(errors.OutcomeUnknown))
    deliver(product, organization, message)
    assert product.row(message)["status"] == "unknown"
    return message


def _settle(product: Product, account: UUID, mailbox: FakeMailbox) -> int:
    return product.app.email_sync.sent_evidence.settle(account=product.account(account), mailbox=mailbox)


def _file_copy(mailbox: FakeMailbox, message_id: str = "ours@yourdomain.com", folder: str = "Sent") -> None:
    mailbox.deliver(a_mail(message_id=message_id), folder=folder)


def _look_again(product: Product) -> None:
    product.database.rows("UPDATE messages SET sent_looked_at = sent_looked_at - interval '2 days'")


def _changes(product: Product) -> list[dict[str, Any]]:
    return product.database.rows("SELECT * FROM changes WHERE kind = 'message.status' ORDER BY sequence")


def test_a_copy_in_sent_is_proof_that_it_left(
    product: Product, account: UUID, mailbox: FakeMailbox, unknown: UUID
) -> None:
    reported = len(_changes(product))
    _file_copy(mailbox)

    assert _settle(product, account, mailbox) == 1

    row = product.row(unknown)
    assert (row["status"], row["failure_reason"], row["failure_advice"]) == ("sent", None, None)
    assert row["provider_sid"] == "<ours@yourdomain.com>"
    assert len(_changes(product)) == reported + 1
    assert _settle(product, account, mailbox) == 0


@pytest.mark.parametrize("how", ["another id", "another folder"])
def test_only_that_very_id_in_sent_is_proof(
    product: Product, account: UUID, mailbox: FakeMailbox, unknown: UUID, how: str
) -> None:
    if how == "another id":
        _file_copy(mailbox, "ours@yourdomain.com.evil.example")
    else:
        _file_copy(mailbox, folder="INBOX")

    assert _settle(product, account, mailbox) == 0
    assert product.row(unknown)["status"] == "unknown"


def test_what_is_not_found_stays_unknown_with_advice_and_is_never_sent_again(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, unknown: UUID
) -> None:
    reported = len(_changes(product))
    for _ in range(20):
        _settle(product, account, mailbox)
        _look_again(product)
        deliver(product, organization, unknown)
        product.app.maintenance.sweep.sweep()

    row = product.row(unknown)
    assert row["status"] == "unknown"
    assert "not in the mailbox's Sent folder" in row["failure_advice"]
    assert len(product.providers.mail_sender.sent) == 1
    assert row["sent_looks"] == 14
    # Notified once, when a person should act.
    assert len(_changes(product)) == reported + 1


def test_a_copy_that_is_filed_late_is_still_found(
    product: Product, account: UUID, mailbox: FakeMailbox, unknown: UUID
) -> None:
    for _ in range(8):
        _settle(product, account, mailbox)
        _look_again(product)
    _file_copy(mailbox)

    _settle(product, account, mailbox)

    assert (product.row(unknown)["status"], product.row(unknown)["failure_advice"]) == ("sent", None)


def test_looks_come_at_growing_distances(
    product: Product, account: UUID, mailbox: FakeMailbox, unknown: UUID
) -> None:
    """From the ninth on, where they are far enough apart for a slow test."""
    product.database.rows("UPDATE messages SET sent_looks = 8, sent_looked_at = now()")
    looks = []
    for seconds in (0, 400, 881, 1000, 1561, 3000, 2121):
        product.database.rows(
            "UPDATE messages SET sent_looked_at = sent_looked_at - make_interval(secs => %s)", (seconds,)
        )
        _settle(product, account, mailbox)
        looks.append(product.row(unknown)["sent_looks"])

    assert looks == [8, 8, 9, 9, 10, 10, 11]


def test_nothing_is_asked_of_the_server_while_nothing_is_unknown(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    _settle(product, account, mailbox)

    assert (mailbox.listed, mailbox.opened) == (0, 0)


def test_another_mailboxs_unknown_mails_are_not_looked_for_here(
    product: Product, organization: Organization, mailbox: FakeMailbox, unknown: UUID
) -> None:
    other = product.add_mailbox(organization, "other@yourdomain.com")
    _file_copy(mailbox)

    assert _settle(product, other, mailbox) == 0
    assert product.row(unknown)["status"] == "unknown"


def test_a_mailbox_without_a_sent_folder_says_so(
    product: Product, account: UUID, mailbox: FakeMailbox, unknown: UUID
) -> None:
    del mailbox.by_name["Sent"]
    for _ in range(5):
        _settle(product, account, mailbox)
        _look_again(product)

    assert "no Sent folder" in product.row(unknown)["failure_advice"]
