"""The environment's Exotel account stands in for one organization that has saved none, and for no other."""

import pytest

from banxway.errors import Conflict, NotConfigured, NotFound, ProviderDenied, SettingsError
from banxway.models.integration_credentials import WhatsAppConfiguration
from banxway.models.integrations import IntegrationChange
from banxway.models.messages import NewWhatsAppMessage
from banxway.settings import Settings
from tests.support.builders import BUSINESS, CUSTOMER, Product
from tests.support.fakes import refused
from tests.support.postgres import Organization

ENVIRONMENT = {
    "exotel_sid": "environment1",
    "exotel_api_key": "key-of-environment",
    "exotel_token": "token-of-environment",
    "exotel_phone_number": "08047100001",
    "exotel_whatsapp_number": BUSINESS,
}
TEXT = NewWhatsAppMessage(channel="WHATSAPP", content="On its way")


@pytest.fixture
def deployed(twin, organization):
    """A process whose environment stands in for the organization."""
    return twin(**ENVIRONMENT, exotel_fallback_organization_id=str(organization.id))


def wrote(product: Product, organization: Organization):
    """Let a customer write, so that the 24-hour window is open; returns the thread."""
    thread = product.add_thread(organization, phone=CUSTOMER)
    product.add_inbound(organization, thread)
    return thread


def listed(product: Product, organization: Organization, role: str = "admin"):
    found = product.app.integrations.list_all(actor=product.actor(organization, role))
    return [(each.integration_type, each.source, each.status) for each in found]


def test_what_stands_in_is_listed_as_the_environments(deployed, organization):
    assert listed(deployed, organization) == [
        ("exotel_phone", "environment", "Unverified"),
        ("exotel_whatsapp", "environment", "Unverified"),
    ]
    shown = deployed.app.integrations.get(
        actor=deployed.actor(organization, "agent"), integration_type="exotel_whatsapp"
    )
    assert (shown.id, shown.settings) == (None, {"whatsapp_number": BUSINESS})
    assert "of-environment" not in shown.model_dump_json()


def test_what_the_environment_names_sends_messages(deployed, organization):
    thread = wrote(deployed, organization)

    deployed.app.messages.send(
        actor=deployed.actor(organization, "admin"), thread_id=thread, content=TEXT, once=None
    )
    due = deployed.message_queue.items[0]
    deployed.deliver(organization, due.message_id)

    assert deployed.row(due.message_id)["status"] == "accepted"
    assert deployed.providers.exotel_accounts[-1].api_token == "token-of-environment"
    assert deployed.providers.whatsapp.sent[-1].sender == BUSINESS


def test_it_stands_in_for_no_other_organization(deployed):
    other = deployed.database.add_organization("Other")
    thread = wrote(deployed, other)

    assert listed(deployed, other) == []
    with pytest.raises(NotConfigured, match="WhatsApp is not configured"):
        deployed.app.messages.send(
            actor=deployed.actor(other, "admin"), thread_id=thread, content=TEXT, once=None
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"exotel_fallback_organization_id": None},
        {"exotel_token": None},
        {"exotel_phone_number": None, "exotel_whatsapp_number": None},
    ],
    ids=["for nobody", "without a token", "without numbers"],
)
def test_an_incomplete_environment_stands_in_for_nobody(twin, organization, changes):
    named = {"exotel_fallback_organization_id": str(organization.id)}

    assert listed(twin(**(ENVIRONMENT | named | changes)), organization) == []


def test_saved_credentials_count_before_the_environments(deployed, organization):
    admin = deployed.actor(organization, "admin")
    own = {"account_sid": "own1", "api_key": "own-key", "api_token": "own-token", "whatsapp_number": BUSINESS}
    deployed.app.integration_setup.configure(
        actor=admin, integration_type="exotel_whatsapp", typed=WhatsAppConfiguration(**own)
    )

    assert ("exotel_whatsapp", "database", "Active") in listed(deployed, organization)
    token = deployed.app.credential_slots.using(
        organization.id, "exotel_whatsapp", lambda account: account.api_token
    )
    assert token == "own-token"

    deployed.app.integrations.delete(actor=admin, integration_type="exotel_whatsapp")
    assert ("exotel_whatsapp", "environment", "Unverified") in listed(deployed, organization)


def test_what_is_switched_off_is_not_stood_in_for(deployed, organization):
    admin = deployed.actor(organization, "admin")
    deployed.add_whatsapp(organization)
    deployed.app.integrations.update(
        actor=admin, integration_type="exotel_whatsapp", change=IntegrationChange(is_active=False)
    )

    with pytest.raises(NotConfigured, match="switched off"):
        deployed.app.credential_slots.using(organization.id, "exotel_whatsapp", lambda account: account)


def test_it_can_be_neither_deleted_nor_changed_nor_read(deployed, organization):
    app, admin = deployed.app, deployed.actor(organization, "admin")
    about = {"actor": admin, "integration_type": "exotel_whatsapp"}

    for attempt in (
        lambda: app.integrations.delete(**about),
        lambda: app.integrations.update(**about, change=IntegrationChange(display_name="Mine")),
        lambda: app.credential_readings.read(**about),
    ):
        with pytest.raises(Conflict, match="comes from the deployment's environment variables"):
            attempt()
    with pytest.raises(NotFound):
        app.integrations.delete(actor=admin, integration_type="exotel_sms")


def test_a_refusal_of_the_environments_token_fails_the_message_and_nothing_else(deployed, organization):
    deployed.providers.whatsapp.sending.then(
        refused(ProviderDenied, "Invalid credentials", provider_status=401)
    )
    message = deployed.add_message(organization, deployed.add_thread(organization))

    deployed.deliver(organization, message)

    assert deployed.row(message)["failure_reason"] == "Invalid credentials"


def test_a_fallback_that_is_no_organizations_id_is_a_broken_deployment():
    with pytest.raises(SettingsError, match="EXOTEL_FALLBACK_ORGANIZATION_ID must be an organization's id"):
        _ = Settings(exotel_fallback_organization_id="banxway").fallback_organization
