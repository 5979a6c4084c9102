"""Renaming a customer."""

from uuid import uuid4

import pytest

PATH = "/api/v1/communications/customers"


def rename(bundle, organization, customer, body):
    return bundle.request("PATCH", f"{PATH}/{customer}", user=organization.agent, body=body)


def test_a_name_is_changed_and_audited(bundle, organization, add_customer, show, audited):
    asha = add_customer("asha@customer.example", "asha@customer.example")

    answer = rename(bundle, organization, asha, {"name": "  Asha Rao "})

    assert answer.status == 200
    assert answer.data == show(asha)
    assert answer.data["name"] == "Asha Rao"
    assert audited("customer.update") == {
        "customer_id": asha,
        "before": {"name": "asha@customer.example"},
        "after": {"name": "Asha Rao"},
        "user_id": str(organization.agent),
    }


def test_browsers_that_show_the_customers_threads_are_notified(bundle, organization, add_customer):
    asha = add_customer("Asha")
    (thread,) = bundle.database.rows(
        """INSERT INTO threads (id, organization_id, customer_id, last_message_at)
           VALUES (gen_random_uuid(), %s, %s, now()) RETURNING id""",
        (organization.id, asha),
    )

    for _ in range(2):
        rename(bundle, organization, asha, {"name": "Asha Rao"})

    changes = bundle.database.rows(
        "SELECT kind, thread_id AS id FROM changes WHERE organization_id = %s", (organization.id,)
    )
    assert changes == [{"kind": "thread.updated", "id": thread["id"]}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"name": "=1+1"}, "name"),
        ({"name": "A\nB"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "Asha", "id": str(uuid4())}, "id"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name_and_changes_nothing(
    bundle, organization, add_customer, show, body, field
):
    asha = add_customer("Asha")

    answer = rename(bundle, organization, asha, body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})
    assert show(asha)["name"] == "Asha"


def test_one_that_was_merged_is_not_renamed(bundle, organization, add_customer, merge, show):
    asha, rao = add_customer("Asha"), add_customer("A. Rao")
    merge(asha, rao)

    answer = rename(bundle, organization, rao, {"name": "Somebody"})

    assert (answer.status, answer.json["details"]) == (409, {"merged_into": asha})
    assert show(asha)["merged_customers"][0]["name"] == "A. Rao"


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization, add_customer):
    theirs = add_customer("Stranger", of=bundle.database.add_organization("Other").id)

    assert [rename(bundle, organization, one, {"name": "A"}).status for one in (uuid4(), theirs)] == [
        404,
        404,
    ]
