"""Two slots: a request denied with new credentials is tried with the former ones, until these have retired."""

from collections.abc import Callable
from typing import Any

import pytest

from banxway.errors import OutcomeUnknown, ProviderDenied, ProviderThrottled
from banxway.models.actors import Actor
from banxway.models.integrations.credentials import ExotelAccount
from tests.support.databases.postgres import Organization
from tests.support.keys.gate import Gate, save
from tests.support.product.builders import Product
from tests.support.product.fakes import refused

Twin = Callable[..., Product]


@pytest.fixture
def gate(product: Product) -> Gate:
    gate = Gate(product, "old")
    product.app.infrastructure.providers = gate.providers()
    return gate


def send(product: Product, organization: Organization) -> dict[str, Any]:
    message = product.add_message(organization, product.add_thread(organization, phone=None))
    product.deliver(organization, message)
    return product.row(message)


def retiring(product: Product) -> list[dict[str, Any]]:
    return product.database.rows("SELECT * FROM retiring_credentials")


def test_a_replaced_token_serves_while_the_provider_does_not_take_the_new_one(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")
    gate.tokens = {"old"}

    row = send(product, organization)

    assert row["status"] == "accepted"
    assert gate.seen[-2:] == ["new", "old"]


def test_a_question_is_asked_again_with_the_former_token(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")
    gate.tokens = {"old"}

    product.app.integrations.whatsapp_templates.sync(actor=admin)

    assert gate.seen[-2:] == ["new", "old"]


def test_what_was_saved_while_a_worker_was_refused_is_tried_too(
    product: Product, organization: Organization, admin: Actor, gate: Gate, twin: Twin
) -> None:
    save(product, admin, "old")
    beside = twin()
    beside.app.infrastructure.providers = gate.providers()

    def act(account: ExotelAccount) -> str:
        if account.api_token == "old":
            gate.tokens = {"new"}
            save(beside, beside.actor(organization, "admin"), "new")
            raise refused(ProviderDenied, "Invalid credentials", provider_status=401)
        return account.api_token

    assert product.app.integrations.slots.using(organization.id, "exotel_whatsapp", act) == "new"


@pytest.mark.parametrize(
    "error", [OutcomeUnknown, ProviderThrottled], ids=["fate unknown", "too many requests"]
)
def test_only_a_denial_is_tried_again(
    product: Product, organization: Organization, admin: Actor, gate: Gate, error: type[Any]
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")
    gate.whatsapp.sending.then(refused(error, "No luck"))

    send(product, organization)

    assert gate.seen[-1] == "new"
    assert len(gate.whatsapp.sent) == 1


def test_both_refused_is_the_first_refusal(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")
    gate.tokens = set()

    row = send(product, organization)

    assert (row["status"], row["failure_reason"]) == ("failed", "Invalid credentials")
    assert gate.seen[-2:] == ["new", "old"]


def test_a_second_slot_that_does_not_open_hides_no_refusal(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")
    gate.tokens = set()
    product.database.rows(
        "UPDATE retiring_credentials SET credentials_encrypted = left(credentials_encrypted, 60)"
    )

    row = send(product, organization)

    assert (row["status"], row["failure_reason"]) == ("failed", "Invalid credentials")
    assert gate.seen[-1] == "new"


def test_a_bad_new_token_never_becomes_live(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    with pytest.raises(ProviderDenied, match="Invalid credentials"):
        save(product, admin, "bad")
    asked = len(gate.seen)

    assert send(product, organization)["status"] == "accepted"
    assert gate.seen[asked:] == ["old"]
    assert retiring(product) == []


def test_a_token_that_never_worked_does_not_push_out_the_one_that_did(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    save(product, admin, "bad", force=True)
    save(product, admin, "worse", force=True)

    assert send(product, organization)["status"] == "accepted"
    assert gate.seen[-2:] == ["worse", "old"]


def test_saving_the_same_credentials_again_retires_nothing(
    product: Product, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    save(product, admin, "old", business_name="Another Name")

    assert retiring(product) == []


def test_the_second_slot_is_sealed_for_itself_and_lasts_a_quarter_of_an_hour(
    product: Product, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    (before,) = product.database.rows("SELECT credentials_encrypted FROM integration_credentials")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")

    (slot,) = product.database.rows(
        "SELECT *, extract(epoch FROM retires_at - now())::float AS seconds FROM retiring_credentials"
    )
    assert 14 * 60 < slot["seconds"] <= 15 * 60
    assert slot["credentials_encrypted"] != before["credentials_encrypted"]
    assert "old" not in slot["credentials_encrypted"]


def test_retired_credentials_serve_no_more_and_the_sweeper_deletes_them(
    product: Product, organization: Organization, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")
    gate.tokens = {"old"}
    product.database.rows("UPDATE retiring_credentials SET retires_at = now() - interval '1 second'")

    row = send(product, organization)
    product.app.maintenance.sweep.sweep()

    assert (row["status"], gate.seen[-1]) == ("failed", "new")
    assert retiring(product) == []


def test_the_sweeper_leaves_credentials_whose_time_is_not_over(
    product: Product, admin: Actor, gate: Gate
) -> None:
    save(product, admin, "old")
    gate.tokens = {"old", "new"}
    save(product, admin, "new")

    product.app.maintenance.sweep.sweep()

    assert len(retiring(product)) == 1


@pytest.mark.parametrize("taken", ["new", "old"], ids=["the old one dies", "the new one is not taken yet"])
def test_a_token_is_rotated_in_the_middle_of_a_send_and_none_fails_of_it(
    product: Product, organization: Organization, admin: Actor, gate: Gate, twin: Twin, taken: str
) -> None:
    """Threat 44: rotation in one click. The provider may accept either of the two tokens."""
    save(product, admin, "old")
    beside = twin()
    beside.app.infrastructure.providers = gate.providers()

    def rotate() -> None:
        # The worker has opened the old token by now, and the provider has not checked it yet.
        gate.tokens = {"old", "new"}
        save(beside, beside.actor(organization, "admin"), "new")
        gate.tokens = {taken}

    before = send(product, organization)
    gate.before_it_looks = rotate
    meanwhile = send(product, organization)
    after = send(product, organization)

    assert [row["status"] for row in (before, meanwhile, after)] == ["accepted"] * 3
    assert len(gate.whatsapp.sent) == 3
    assert {"old", "new"} <= set(gate.seen)
