"""Folders renamed, deleted and refused at a real mail server."""

from uuid import UUID

import pytest

from banxway.models.actors import Actor
from banxway.models.status.diagnosis import DiagnosisFinding
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product, a_mail
from tests.support.servers.dovecot import Dovecot


@pytest.fixture
def admin(product: Product, organization: Organization) -> Actor:
    return product.actor(organization, "admin")


@pytest.fixture
def orders(product: Product, account: UUID, dovecot: Dovecot) -> Dovecot:
    """The server, with a folder Orders that is synced beside the inbox."""
    dovecot.create_folder(SUPPORT, "Orders")
    dovecot.append(SUPPORT, a_mail(subject="Order 1", message_id="1@c.example"), folder="Orders")
    product.database.rows("UPDATE email_accounts SET folders = '{INBOX,Orders}'")
    product.poll(account)
    assert product.subjects() == ["Order 1"]
    return dovecot


def _findings(product: Product, admin: Actor) -> list[DiagnosisFinding]:
    report = product.app.status.diagnosis.run(actor=admin)
    return [each for each in report.findings if each.code.startswith("mail_folder")]


def test_a_folder_renamed_at_the_server_is_named_with_its_new_name(
    product: Product,
    admin: Actor,
    account: UUID,
    orders: Dovecot,
) -> None:
    orders.create_folder(SUPPORT, "Another")
    orders.rename_folder(SUPPORT, "Orders", "Orders 2027")
    orders.append(SUPPORT, a_mail(subject="Order 2", message_id="2@c.example"), folder="Orders 2027")

    product.poll(account)

    (finding,) = _findings(product, admin)
    assert finding.code == "mail_folder_renamed"
    assert "renamed to Orders 2027" in finding.evidence
    assert product.account(account).state == "needs_attention"
    compared = product.app.email_sync.sync.compare(actor=admin, account_id=account)
    assert [(each.name, each.renamed_to) for each in compared.folders if not each.is_complete] == [
        ("Orders", "Orders 2027")
    ]


def test_a_folder_that_is_refused_on_every_poll_is_named(
    product: Product,
    admin: Actor,
    account: UUID,
    orders: Dovecot,
) -> None:
    orders.forbid(SUPPORT, "Orders")
    orders.deliver(SUPPORT, a_mail(subject="For the inbox", message_id="3@c.example"))

    for _ in range(2):
        product.poll(account)

    (finding,) = _findings(product, admin)
    assert (finding.code, "the folder Orders" in finding.evidence) == ("mail_folder_refused", True)
    assert product.account(account).state == "needs_attention"
    assert "For the inbox" in product.subjects()
    assert not product.app.email_sync.sync.compare(actor=admin, account_id=account).is_complete
