"""Credentials: sealed for one row, and refused with a fix wherever they do not open."""

import base64
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from banxway.errors import CorruptEnvelope, DecryptionFailed, KeyMissing, NotConfigured, WrongKey
from banxway.services.integrations.credentials import require_integration
from banxway.storage.email_accounts import AccountRow
from banxway.storage.integrations.integrations import IntegrationRow
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.product.stored import row_of


@pytest.fixture
def row(product: Product, organization: Organization) -> AccountRow:
    """Return a stored mailbox's row."""
    account = product.add_mailbox(organization)
    return product.account(account)


def test_a_mailbox_opens_to_both_of_its_logins(product: Product, row: AccountRow) -> None:
    credentials = product.app.integrations.credentials
    smtp, imap = credentials.open_smtp(row), credentials.open_imap(row)

    assert (smtp.host, smtp.port, smtp.tls, smtp.password) == (
        "smtp.example.com",
        587,
        "starttls",
        "smtp-secret",
    )
    assert (imap.host, imap.port, imap.tls, imap.password) == (
        "imap.example.com",
        993,
        "implicit",
        "imap-secret",
    )
    assert "secret" not in repr((smtp, imap))


@pytest.mark.parametrize("moved", ["organization_id", "id"])
def test_a_mailboxs_ciphertext_opens_in_its_own_row_alone(
    product: Product, row: AccountRow, moved: str
) -> None:
    with pytest.raises(CorruptEnvelope):
        product.app.integrations.credentials.open_imap(replace(row, **{moved: uuid4()}))


def test_a_mailboxs_ciphertext_does_not_open_as_an_integrations(
    product: Product, organization: Organization, row: AccountRow
) -> None:
    with pytest.raises(CorruptEnvelope):
        as_integration = row_of(IntegrationRow, id=row.id, credentials_encrypted=row.credentials_encrypted)
        product.app.integrations.credentials.open_exotel(as_integration, organization_id=organization.id)


def test_another_key_and_no_key_are_distinguished(product: Product, row: AccountRow) -> None:
    wrong, none = product.twin(encryption_master_key="c" * 43 + "="), product.twin(encryption_master_key=None)

    with pytest.raises(WrongKey) as of_wrong:
        wrong.app.integrations.credentials.open_imap(row)
    with pytest.raises(KeyMissing) as of_none:
        none.app.integrations.credentials.open_imap(row)

    assert of_wrong.value.message != of_none.value.message


def test_the_key_before_still_opens_during_a_rotation(product: Product, row: AccountRow) -> None:
    rotated = product.twin(
        encryption_master_key="c" * 43 + "=", encryption_previous_master_key="b" * 43 + "="
    )

    assert rotated.app.integrations.credentials.open_smtp(row).password == "smtp-secret"


@pytest.mark.parametrize("position", range(0, 100, 9))
def test_a_stored_text_that_was_cut_or_altered_never_opens(
    product: Product, row: AccountRow, position: int
) -> None:
    raw = bytearray(base64.b64decode(row.credentials_encrypted))
    at = position * len(raw) // 100
    flipped = bytes([*raw[:at], raw[at] ^ 1, *raw[at + 1 :]])

    for spoiled in (flipped, bytes(raw[:at])):
        text = base64.b64encode(spoiled).decode()
        with pytest.raises(DecryptionFailed):
            product.app.integrations.credentials.open_imap(replace(row, credentials_encrypted=text))


@pytest.mark.parametrize("kind", ["exotel_phone", "exotel_whatsapp", "exotel_sms"])
def test_a_channel_that_is_missing_is_named(product: Product, organization: Organization, kind: str) -> None:
    with (
        pytest.raises(NotConfigured, match=f"add the {kind} integration"),
        product.app.infrastructure.database.organization(organization.id) as transaction,
    ):
        require_integration(transaction, kind)


def test_another_organizations_integration_is_missing(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)
    stranger: UUID = product.database.add_organization("Other").id

    with (
        pytest.raises(NotConfigured),
        product.app.infrastructure.database.organization(stranger) as transaction,
    ):
        require_integration(transaction, "exotel_whatsapp")
