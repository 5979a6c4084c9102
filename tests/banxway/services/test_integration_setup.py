"""Saving, syncing and deleting integrations by many at once: nothing leaks, nothing blocks, nothing is torn."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from banxway.errors import NotConfigured, NotFound
from banxway.models.actors import Actor
from banxway.models.integration_credentials import PhoneConfiguration
from tests.support.builders import Product
from tests.support.fakes import a_number
from tests.support.postgres import Organization

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
    return product.app.integration_setup.configure(
        actor=actor, integration_type="exotel_phone", typed=typed(name, token)
    )


def together(*jobs: Callable[[], None]) -> None:
    """Run jobs at once, and raise what one of them raised."""
    failures: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001  # raised again by whoever waits
            failures.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if failures:
        raise failures[0]


def test_two_organizations_save_sync_and_delete_at_once(product: Product, twin: Twin) -> None:
    """Each works on its own for a while, in two processes; whatever the order, neither sees the other."""
    companies = {name: product.database.add_organization(name) for name in ("acme", "other")}
    product.providers.voice.numbers = [a_number(f"0804710000{last}") for last in range(3)]

    def work(name: str, organization: Organization) -> Callable[[], None]:
        process = twin()
        admin = process.actor(organization, "admin")
        app = process.app

        def run() -> None:
            for turn in range(6):
                assert save(process, admin, name, f"token{turn}").display_name == name
                try:
                    app.integration_upkeep.sync_numbers(actor=admin, integration_type="exotel_phone")
                    (shown,) = app.integrations.list_all(actor=admin)
                    assert shown.display_name == name
                    app.integrations.delete(actor=admin, integration_type="exotel_phone")
                except (NotFound, NotConfigured, ValueError):
                    # The organization's other process has deleted it in between.
                    continue
            save(process, admin, name, "last")

        return run

    together(*[work(name, company) for name, company in companies.items() for _ in range(2)])

    for name, company in companies.items():
        admin = product.actor(company, "admin")
        revealed = product.app.credential_readings.read(actor=admin, integration_type="exotel_phone")
        trail = product.audit(company)
        other = next(each for each in companies if each != name)
        assert revealed.credentials["api_token"] == f"last-of-{name}"
        assert other not in str([entry["details"] for entry in trail])
        assert [entry["sequence"] for entry in trail] == list(range(1, len(trail) + 1))


def test_one_organization_waits_for_nothing_of_another(product: Product, twin: Twin) -> None:
    acme, other = (product.database.add_organization(name) for name in ("Acme", "Other"))
    slow, quick = twin(), twin()
    slow_admin, quick_admin = slow.actor(acme, "admin"), quick.actor(other, "admin")
    save(slow, slow_admin, "acme")
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with slow.app.database.as_actor(slow_admin, timeout_ms=60_000) as transaction:
            from banxway.storage import integrations

            integrations.hold(transaction, organization_id=acme.id, integration_type="exotel_phone")
            is_held.set()
            may_end.wait(timeout=30)

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait(timeout=30)
    started = time.monotonic()
    save(quick, quick_admin, "other")
    quick.app.integrations.delete(actor=quick_admin, integration_type="exotel_phone")
    took = time.monotonic() - started
    may_end.set()
    thread.join(timeout=30)

    assert took < 4


@pytest.mark.parametrize("rounds", [5])
def test_admins_who_save_the_same_integration_at_once_leave_one_that_opens(
    product: Product, twin: Twin, rounds: int
) -> None:
    """Credentials are sealed for their row's id, and two who find no row yet would make up two ids."""
    for turn in range(rounds):
        organization = product.database.add_organization(f"Company {turn}")
        processes = [twin() for _ in range(4)]
        at_once = threading.Barrier(len(processes))

        def run(process: Product, place: int, organization: Organization = organization) -> None:
            admin = process.actor(organization, "admin")
            at_once.wait(timeout=30)  # noqa: B023  # used at once
            save(process, admin, "acme", f"token{place}")

        together(
            *[
                lambda process=process, place=place: run(process, place)  # type: ignore[misc]  # bound at once
                for place, process in enumerate(processes)
            ]
        )

        admin = product.actor(organization, "admin")
        revealed = product.app.credential_readings.read(actor=admin, integration_type="exotel_phone")
        assert revealed.credentials["api_token"] in {f"token{place}-of-acme" for place in range(4)}
        slots = product.database.rows(
            "SELECT integration_id AS id, credentials_encrypted FROM retiring_credentials WHERE organization_id = %s",
            (organization.id,),
        )
        assert [
            product.app.credentials.open_retiring(slot, organization_id=organization.id) for slot in slots
        ]
