"""What WhatsApp lets through: free text for a day after the customer's own words, approved templates always."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from banxway.errors import (
    TemplateRequired,
    ValidationFailed,
)
from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import outbound
from tests.support.ledger.written_messages import a_template, a_text, nothing_happened, send
from tests.support.product.builders import CUSTOMER, Product
from tests.support.timing.clocks import WrongClock

# WhatsApp's window.


@pytest.mark.parametrize(("hours", "is_open"), [(0, True), (23.8, True), (24.001, False), (1000, False)])
def test_free_text_is_for_the_24_hours_after_the_customer_wrote(
    product: Product, agent: Actor, thread: UUID, hours: float, is_open: bool
) -> None:
    product.database.rows(
        "UPDATE messages SET occurred_at = now() - make_interval(secs => %s)", (hours * 3600,)
    )

    if is_open:
        send(product, agent, thread, a_text())
    else:
        with pytest.raises(TemplateRequired, match="approved template"):
            send(product, agent, thread, a_text())
        assert nothing_happened(product)


@pytest.mark.parametrize(
    "column",
    [
        {"channel": "EMAIL"},
        {"direction": "outbound", "status": "read"},
        {"recipient": "+918047100999"},
        {"sender": "+919812345678"},
    ],
    ids=["by mail", "by us", "to another number of ours", "from another number"],
)
def test_only_the_customers_own_words_to_this_number_open_the_window(
    product: Product, agent: Actor, organization: Organization, column: dict[str, str]
) -> None:
    product.add_whatsapp(organization)
    thread = product.add_thread(organization)
    product.add_inbound(organization, thread, **column)

    with pytest.raises(TemplateRequired):
        send(product, agent, thread, a_text(to=CUSTOMER))


def test_another_organizations_customer_opens_no_window(
    product: Product, agent: Actor, organization: Organization
) -> None:
    product.add_whatsapp(organization)
    thread = product.add_thread(organization)
    stranger = product.database.add_organization("Other")
    product.add_inbound(stranger, product.add_thread(stranger))

    with pytest.raises(TemplateRequired):
        send(product, agent, thread, a_text())


def test_the_window_is_measured_by_the_databases_clock(product: Product, agent: Actor, thread: UUID) -> None:
    """The worker's own clock, a day behind, does not open it again."""
    late = product.twin(clock=WrongClock(-timedelta(days=1)))
    product.database.rows("UPDATE messages SET occurred_at = now() - interval '25 hours'")

    with pytest.raises(TemplateRequired):
        send(late, agent, thread, a_text())
    late.close()


# Templates.


def test_an_approved_template_goes_out_whenever(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.database.rows("DELETE FROM messages")
    product.add_template(organization)

    send(product, agent, thread, a_template(thread, variables={"1": "Asha", "2": "{{1}} & co"}))

    (row,) = outbound(product)
    assert row["body_text"] == "Dear Asha, {{1}} & co has shipped."
    assert row["content"] == {
        "template_name": "shipping_update",
        "language": "en",
        "variables": ["Asha", "{{1}} & co"],
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"template_name": "unheard_of"}, "template_name"),
        ({"language": "hi"}, "template_name"),
        ({"variables": {"1": "Asha"}}, "variables.2"),
        ({"variables": {"1": "Asha", "2": ""}}, "variables.2"),
        ({"variables": {}}, "variables.1"),
        ({"variables": {"1": "a", "2": "b", "3": "c"}}, "variables.3"),
        ({"variables": {"1": "a", "2": "b", "name": "c"}}, "variables.name"),
    ],
    ids=["unknown", "other language", "one missing", "one empty", "all missing", "one too many", "no number"],
)
def test_a_template_that_does_not_fit_is_refused_by_field(
    product: Product,
    agent: Actor,
    organization: Organization,
    thread: UUID,
    values: dict[str, Any],
    field: str,
) -> None:
    product.add_template(organization)

    with pytest.raises(ValidationFailed) as refusal:
        send(product, agent, thread, a_template(thread, **values))

    assert refusal.value.details["field"] == field
    assert nothing_happened(product)


@pytest.mark.parametrize("status", ["pending", "rejected", "disabled", "APPROVED"])
def test_a_template_that_is_not_approved_is_refused(
    product: Product, agent: Actor, organization: Organization, thread: UUID, status: str
) -> None:
    product.add_template(organization, status=status)

    with pytest.raises(ValidationFailed, match=f"Template is {status}"):
        send(product, agent, thread, a_template(thread))
