"""The environment's Exotel account stands in for one organization that has saved none, and for no other."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.errors import Conflict, NotConfigured, NotFound, ProviderDenied, ProviderRejected, SettingsError
from banxway.models.integrations.configurations import PhoneConfiguration, WhatsAppConfiguration
from banxway.models.integrations.integrations import IntegrationChange
from banxway.models.messages.messages import NewWhatsAppMessage
from banxway.models.phone_numbers import PhoneNumberQuery
from banxway.models.queue_items import CallbackReceived, IntegrationDue
from banxway.reasons import Reason
from banxway.security.references import CallbackKind
from banxway.services.integrations.rounds import IntegrationRounds
from banxway.settings import Settings
from local.demo import USERS
from local.exotel_account import exotel_account
from tests.support.databases.postgres import Organization
from tests.support.product.builders import BUSINESS, CUSTOMER, Product
from tests.support.product.fakes import a_number, a_template, refused
from tests.support.product.stories import incoming, whatsapp_body

ENVIRONMENT = {
    "exotel_sid": "environment1",
    "exotel_api_key": "key-of-environment",
    "exotel_token": "token-of-environment",
    "exotel_phone_number": "08047100001",
    "exotel_whatsapp_number": BUSINESS,
}
OWN = {"account_sid": "own1", "api_key": "own-key", "api_token": "own-token"}
TEXT = NewWhatsAppMessage(channel="WHATSAPP", content="On its way")


@pytest.fixture
def deployed(twin, organization):
    """A process whose environment stands in for the organization."""
    return twin(**ENVIRONMENT, exotel_fallback_organization_id=str(organization.id))


def wrote(product: Product, organization: Organization):
    """Let a customer write, which opens the 24-hour window; return the thread."""
    thread = product.add_thread(organization, phone=CUSTOMER)
    product.add_inbound(organization, thread)
    return thread


def listed(product: Product, organization: Organization, role: str = "admin"):
    found = product.app.integrations.read.list_all(actor=product.actor(organization, role))
    return [(each.integration_type, each.source, each.status) for each in found]


def test_what_stands_in_is_listed_as_the_environments(deployed, organization):
    assert listed(deployed, organization) == [
        ("exotel_phone", "environment", "Unverified"),
        ("exotel_whatsapp", "environment", "Unverified"),
    ]
    shown = deployed.app.integrations.read.get(
        actor=deployed.actor(organization, "agent"), integration_type="exotel_whatsapp"
    )
    assert (shown.id, shown.settings) == (None, {"whatsapp_number": BUSINESS})
    assert "of-environment" not in shown.model_dump_json()


def test_its_numbers_are_synced_and_give_way_to_those_of_saved_credentials(deployed, organization):
    admin = deployed.actor(organization, "admin")
    deployed.providers.voice.numbers = [a_number("08047100001"), a_number("08047100002")]

    synced = deployed.app.integrations.upkeep.sync_numbers(actor=admin, integration_type="exotel_phone")
    shown = deployed.app.integrations.read.get(actor=admin, integration_type="exotel_phone")
    deployed.providers.voice.numbers = [a_number("08047100002")]
    deployed.app.integrations.configure.configure(
        actor=admin,
        integration_type="exotel_phone",
        typed=PhoneConfiguration(**OWN, virtual_number="08047100002"),
    )

    active = deployed.app.phone_numbers.list_page(actor=admin, query=PhoneNumberQuery()).rows
    assert (synced.synced_numbers, synced.new_numbers, shown.phone_number_count) == (2, 2, 2)
    assert [each.phone_number for each in active] == ["08047100002"]


def test_the_daily_round_syncs_its_numbers_too(deployed, organization):
    due: list[IntegrationDue] = []
    rounds = IntegrationRounds(
        deployed.app.infrastructure.database,
        enqueue=lambda item, _delay_s: due.append(item),
        environment=deployed.app.integrations.environment,
    )

    assert rounds.enqueue_number_sync() == 1
    for each in due:
        deployed.app.integrations.upkeep.maintain(each)

    found = deployed.app.phone_numbers.list_page(
        actor=deployed.actor(organization, "agent"), query=PhoneNumberQuery()
    )
    assert len(found.rows) == 1


def test_its_templates_are_synced_by_its_own_business_account_id(twin, organization):
    asked: list[str | None] = []
    named = {"exotel_fallback_organization_id": str(organization.id), "exotel_waba_id": "1029384756"}
    product = twin(**(ENVIRONMENT | named))
    product.providers.whatsapp.templates = [a_template()]
    product.providers.whatsapp.listing.then(asked.append)

    synced = product.app.integrations.whatsapp_templates.sync(actor=product.actor(organization, "admin"))

    assert (asked, synced.new_templates) == (["1029384756"], 1)


def test_without_that_id_the_answer_names_the_variable(deployed, organization):
    deployed.providers.whatsapp.listing.then(
        refused(ProviderRejected, "waba_id is mandatory", reason=Reason.WABA_ID_MISSING)
    )

    with pytest.raises(NotConfigured, match="EXOTEL_WABA_ID"):
        deployed.app.integrations.whatsapp_templates.sync(actor=deployed.actor(organization, "admin"))


def test_its_callback_address_takes_callbacks_while_it_stands_in(deployed, organization, product):
    shown = deployed.app.integrations.read.get(
        actor=deployed.actor(organization, "admin"), integration_type="exotel_whatsapp"
    )
    reference = parse_qs(urlsplit(shown.callback_url or "").query)["reference"][0]
    genuine = deployed.app.infrastructure.references.verify(reference, kind=CallbackKind.WHATSAPP)
    received = CallbackReceived(
        kind="whatsapp",
        organization_id=organization.id,
        subject=genuine.subject,
        subject_id=genuine.subject_id,
        generation=genuine.generation,
        content_type="application/json",
        body=base64.b64encode(json.dumps(whatsapp_body(incoming("Hello"))).encode()).decode(),
        readable=True,
        received_at=SYSTEM_CLOCK.now(),
    )

    product.apply(received)
    without = deployed.database.rows("SELECT outcome FROM webhook_events")
    deployed.database.rows("DELETE FROM webhook_events")
    deployed.apply(received)

    assert [each["outcome"] for each in without] == ["revoked"]
    assert [each["outcome"] for each in deployed.database.rows("SELECT outcome FROM webhook_events")] == [
        "applied"
    ]


def test_a_stored_test_tries_the_environments_account(deployed, organization):
    check = deployed.app.integrations.stored_tests.run(
        actor=deployed.actor(organization, "admin"), integration_type="exotel_phone", typed=None
    )

    assert check.account_verified
    assert deployed.providers.exotel_accounts[-1].api_token == "token-of-environment"


def test_what_the_environment_names_sends_messages(deployed, organization):
    thread = wrote(deployed, organization)

    deployed.app.messages.send.send(
        actor=deployed.actor(organization, "admin"), thread_id=thread, content=TEXT, once=None
    )
    due = deployed.queues["message"].items[0]
    deployed.deliver(organization, due.message_id)

    assert deployed.row(due.message_id)["status"] == "accepted"
    assert deployed.providers.exotel_accounts[-1].api_token == "token-of-environment"
    assert deployed.providers.whatsapp.sent[-1].sender == BUSINESS


def test_it_stands_in_for_no_other_organization(deployed):
    other = deployed.database.add_organization("Other")
    thread = wrote(deployed, other)

    assert listed(deployed, other) == []
    with pytest.raises(NotConfigured, match="WhatsApp is not configured"):
        deployed.app.messages.send.send(
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
    deployed.app.integrations.configure.configure(
        actor=admin, integration_type="exotel_whatsapp", typed=WhatsAppConfiguration(**own)
    )

    assert ("exotel_whatsapp", "database", "Active") in listed(deployed, organization)
    token = deployed.app.integrations.slots.using(
        organization.id, "exotel_whatsapp", lambda account: account.api_token
    )
    assert token == "own-token"

    deployed.app.integrations.read.delete(actor=admin, integration_type="exotel_whatsapp")
    assert ("exotel_whatsapp", "environment", "Unverified") in listed(deployed, organization)


def test_what_is_switched_off_is_not_stood_in_for(deployed, organization):
    admin = deployed.actor(organization, "admin")
    deployed.add_whatsapp(organization)
    deployed.app.integrations.read.update(
        actor=admin, integration_type="exotel_whatsapp", change=IntegrationChange(is_active=False)
    )

    with pytest.raises(NotConfigured, match="switched off"):
        deployed.app.integrations.slots.using(organization.id, "exotel_whatsapp", lambda account: account)


def test_it_can_be_neither_deleted_nor_changed_nor_read(deployed, organization):
    app, admin = deployed.app, deployed.actor(organization, "admin")
    about = {"actor": admin, "integration_type": "exotel_whatsapp"}

    for attempt in (
        lambda: app.integrations.read.delete(**about),
        lambda: app.integrations.read.update(**about, change=IntegrationChange(display_name="Mine")),
        lambda: app.integrations.readings.read(**about),
    ):
        with pytest.raises(Conflict, match="comes from the deployment's environment variables"):
            attempt()
    with pytest.raises(NotFound):
        app.integrations.read.delete(actor=admin, integration_type="exotel_sms")


def test_a_refusal_of_the_environments_token_fails_the_message_and_nothing_else(deployed, organization):
    deployed.providers.whatsapp.sending.then(
        refused(ProviderDenied, "Invalid credentials", provider_status=401)
    )
    message = deployed.add_message(organization, deployed.add_thread(organization))

    deployed.deliver(organization, message)

    assert deployed.row(message)["failure_reason"] == "Invalid credentials"


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"EXOTEL_WEBHOOK_BASE_URL": "https://guide.example"}, "https://guide.example"),
        (
            {"WEBHOOK_BASE_URL": " ", "EXOTEL_WEBHOOK_BASE_URL": "https://guide.example"},
            "https://guide.example",
        ),
        (
            {"WEBHOOK_BASE_URL": "https://api.example", "EXOTEL_WEBHOOK_BASE_URL": "https://guide.example"},
            "https://api.example",
        ),
        ({}, None),
    ],
    ids=["the guide's name", "ours is empty", "ours wins", "neither"],
)
def test_the_guides_name_of_the_webhook_address_is_read(environment, address):
    assert Settings.from_environment(environment).webhook_base_url == address


def test_make_run_passes_the_account_on_and_gives_it_to_the_demo_organization():
    account = {"EXOTEL_SID": "sid1", "EXOTEL_TOKEN": "token1", "EXOTEL_WABA_ID": "", "UNRELATED": "x"}

    assert exotel_account(account) == {
        "ExotelSid": "sid1",
        "ExotelToken": "token1",
        "ExotelFallbackOrganizationId": str(USERS[0].organization_id),
    }
    named = {"EXOTEL_FALLBACK_ORGANIZATION_ID": "d0000000-0000-4000-8000-000000000002"}
    assert (
        exotel_account(account | named)["ExotelFallbackOrganizationId"]
        == named["EXOTEL_FALLBACK_ORGANIZATION_ID"]
    )
    assert exotel_account({}) == {}


def test_an_unreadable_fallback_organization_is_a_broken_deployment():
    with pytest.raises(SettingsError, match="EXOTEL_FALLBACK_ORGANIZATION_ID must be an organization's id"):
        _ = Settings(exotel_fallback_organization_id="banxway").fallback_organization
