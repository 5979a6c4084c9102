"""The configuration status of channels, by the stored rows."""

import pytest

from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product


def test_an_organization_that_has_set_up_nothing_is_reported_so(product: Product, agent: Actor) -> None:
    status = product.app.status.configuration.get(actor=agent)

    assert not any(
        channel.configured for channel in (status.email, status.phone, status.whatsapp, status.sms)
    )


def test_what_is_set_up_is_named(product: Product, agent: Actor, organization: Organization) -> None:
    product.add_whatsapp(organization)
    product.add_mailbox(organization, "second@yourdomain.com")
    product.add_mailbox(organization, is_default=True)

    status = product.app.status.configuration.get(actor=agent)

    assert (status.whatsapp.configured, status.whatsapp.provider, status.whatsapp.number) == (
        True,
        "exotel",
        "+918047100100",
    )
    assert (status.email.configured, status.email.accounts, status.email.default_account) == (
        True,
        2,
        SUPPORT,
    )


@pytest.mark.parametrize("column", ["is_active"])
def test_a_channel_that_is_switched_off_is_not_configured(
    product: Product, agent: Actor, organization: Organization, column: str
) -> None:
    product.add_whatsapp(organization)
    product.database.rows(f"UPDATE integration_credentials SET {column} = false")

    assert product.app.status.configuration.get(actor=agent).whatsapp.configured is False


def test_another_organizations_channels_do_not_count(product: Product, agent: Actor) -> None:
    stranger = product.database.add_organization("Other")
    product.add_whatsapp(stranger)
    product.add_mailbox(stranger)

    status = product.app.status.configuration.get(actor=agent)

    assert (status.whatsapp.configured, status.email.configured) == (False, False)
