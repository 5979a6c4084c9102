"""Many save, sync and delete integrations at once: nothing leaks, nothing blocks, nothing is half done."""

from collections.abc import Callable
from typing import Any

import pytest

from banxway.errors import Conflict
from banxway.models.actors import Actor
from banxway.models.integrations.configurations import PhoneConfiguration
from banxway.storage.integrations import integrations
from banxway.storage.integrations.credential_slots import RetiringRow
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.product.fakes import a_number
from tests.support.timing.overtaking import overtaken
from tests.support.timing.racing import all_at_once

Twin = Callable[..., Product]


def typed(name: str, token: str = "token") -> PhoneConfiguration:
    return PhoneConfiguration(
        account_sid=f"{name}1",
        api_key=f"key-of-{name}",
        api_token=f"{token}-of-{name}",
        virtual_number="08047100001",
        display_name=name,
    )


def save(product: Product, actor: Actor, name: str, token: str = "token") -> Any:
    return product.app.integrations.configure.configure(
        actor=actor, integration_type="exotel_phone", typed=typed(name, token)
    )


def test_two_organizations_save_sync_and_delete_at_once(product: Product, twin: Twin) -> None:
    """Two organizations work in two processes at once; in any order, neither sees the other's."""
    companies = {name: product.database.add_organization(name) for name in ("acme", "other")}
    product.providers.voice.numbers = [a_number(f"0804710000{last}") for last in range(3)]

    def work(name: str, organization: Organization) -> Callable[[], None]:
        process = twin()
        admin = process.actor(organization, "admin")
        app = process.app

        def run() -> None:
            for turn in range(6):
                assert save(process, admin, name, f"token{turn}").display_name == name
                app.integrations.upkeep.sync_numbers(actor=admin, integration_type="exotel_phone")
                (shown,) = app.integrations.read.list_all(actor=admin)
                assert shown.display_name == name
                app.integrations.read.delete(actor=admin, integration_type="exotel_phone")
            save(process, admin, name, "last")

        return run

    all_at_once([work(name, company) for name, company in companies.items()])

    for name, company in companies.items():
        admin = product.actor(company, "admin")
        revealed = product.app.integrations.readings.read(actor=admin, integration_type="exotel_phone")
        trail = product.audit(company)
        other = next(each for each in companies if each != name)
        assert revealed.credentials["api_token"] == f"last-of-{name}"
        assert other not in str([entry["details"] for entry in trail])
        assert [entry["sequence"] for entry in trail] == list(range(1, len(trail) + 1))


def test_kept_credentials_that_are_replaced_meanwhile_are_not_brought_back(
    product: Product, twin: Twin, organization: Organization
) -> None:
    """Who left the token empty wants the stored one, and would otherwise save the former one over the new one."""
    admin = product.actor(organization, "admin")
    save(product, admin, "acme", "before")
    other = twin()
    keeping = PhoneConfiguration(virtual_number="08047100001", display_name="renamed")
    # Another admin saves while Exotel is asked about the stored ones.
    product.providers.voice.checking.then(
        lambda _: save(other, other.actor(organization, "admin"), "acme", "after") and None
    )

    with pytest.raises(Conflict, match="the stored ones that you kept are gone"):
        product.app.integrations.configure.configure(
            actor=admin, integration_type="exotel_phone", typed=keeping
        )

    revealed = product.app.integrations.readings.read(actor=admin, integration_type="exotel_phone")
    shown = product.app.integrations.read.get(actor=admin, integration_type="exotel_phone")
    assert (revealed.credentials["api_token"], shown.display_name) == ("after-of-acme", "acme")


def test_one_organization_waits_for_nothing_of_another(product: Product, twin: Twin) -> None:
    acme, other = (product.database.add_organization(name) for name in ("Acme", "Other"))
    slow, quick = twin(), twin()
    slow_admin, quick_admin = slow.actor(acme, "admin"), quick.actor(other, "admin")
    save(slow, slow_admin, "acme")

    with slow.app.infrastructure.database.as_actor(slow_admin) as transaction:
        integrations.lock(transaction, organization_id=acme.id, integration_type="exotel_phone")
        # In the same thread: if these had to wait for the first, they would until their time was over.
        save(quick, quick_admin, "other")
        quick.app.integrations.read.delete(actor=quick_admin, integration_type="exotel_phone")


@pytest.mark.parametrize("is_saved", [False, True], ids=["for the first time", "again"])
def test_admins_who_save_the_same_integration_at_once_leave_one_that_opens(
    product: Product, twin: Twin, organization: Organization, is_saved: bool
) -> None:
    """Credentials are sealed for their row's id, and two savers that find no row yet would make two ids."""
    admin = product.actor(organization, "admin")
    if is_saved:
        save(product, admin, "acme", "before")
    first, second = twin(), twin()
    admins = first.actor(organization, "admin"), second.actor(organization, "admin")

    outcomes = overtaken(
        product.database,
        first.app.infrastructure.database,
        lambda: save(first, admins[0], "acme", "first"),
        lambda: save(second, admins[1], "acme", "second"),
        at_commit=2,
    )

    assert [outcome.display_name for outcome in outcomes] == ["acme", "acme"]
    assert outcomes[0].id == outcomes[1].id
    revealed = product.app.integrations.readings.read(actor=admin, integration_type="exotel_phone")
    assert revealed.credentials["api_token"] == "second-of-acme"
    (slot,) = product.database.rows(
        "SELECT integration_id AS id, credentials_encrypted FROM retiring_credentials"
    )
    retiring = product.app.integrations.credentials.open_retiring(
        RetiringRow(**slot), organization_id=organization.id
    )
    assert retiring.api_token == "first-of-acme"
