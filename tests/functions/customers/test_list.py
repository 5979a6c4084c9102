"""Listing customers, and finding one by what a member remembers of them."""

from urllib.parse import quote

import pytest

from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import CUSTOMER, customer_wrote

PATH = "/api/v1/communications/customers"


def names(bundle, user, **query):
    asked = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    return [row["name"] for row in bundle.get(f"{PATH}?{asked}", user).data]


def test_a_customer_is_summed_up(bundle, organization):
    customer_wrote(bundle, organization)

    answer = bundle.get(PATH, organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": [
            {
                "id": A_UUID,
                "name": "Asha",
                "addresses": [{"kind": "phone", "address": CUSTOMER, "via": ""}],
                "thread_count": 1,
                "last_message_at": AN_INSTANT,
                "created_at": AN_INSTANT,
                "is_cut": False,
            }
        ],
        "count": 1,
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    "search",
    [
        "müller",
        "MÜLLER",
        "üll",
        "jo.muller@",
        "@Customer.Example",
        "+91 98765-43210",
        "098765 43210",
        "543210",
    ],
)
def test_a_customer_is_found_by_any_part_of_a_name_an_address_or_a_number(
    bundle, organization, add_customer, search
):
    add_customer("Jo Müller", "jo.muller@customer.example", "+919876543210")
    add_customer("Ravi", "ravi@elsewhere.example", "+919000000001")

    assert names(bundle, organization.agent, search=search) == ["Jo Müller"]


@pytest.mark.parametrize("search", ["%", "_", "\\", "a%i", "nobody", "12", "0000"])
def test_signs_of_a_pattern_are_signs_like_others(bundle, organization, add_customer, search):
    add_customer("Ravi", "ravi@elsewhere.example", "+919876543210")

    assert names(bundle, organization.agent, search=search) == (["Ravi"] if search in "+919876543210" else [])


def test_pages_show_everybody_once_the_latest_added_first(bundle, organization, add_customer):
    added = [f"Customer {number}" for number in range(7)]
    for name in added:
        add_customer(name)
    seen, cursor = [], None
    while True:
        page = bundle.get(f"{PATH}?limit=3" + (f"&cursor={cursor}" if cursor else ""), organization.agent)
        seen += [row["name"] for row in page.data]
        cursor = page.json["next_cursor"]
        if cursor is None:
            break

    assert seen == added[::-1]


def test_the_first_twenty_addresses_are_listed_and_more_are_marked(bundle, organization, add_customer):
    add_customer("Twenty", *(f"{number}@twenty.example" for number in range(20)))
    add_customer("More", *(f"{number}@more.example" for number in range(21)))
    add_customer("x" * 20_000)

    rows = bundle.get(PATH, organization.agent).data

    assert [(row["name"][:9], len(row["addresses"]), row["is_cut"]) for row in rows] == [
        ("x" * 9, 0, True),
        ("More", 20, True),
        ("Twenty", 20, False),
    ]


def test_a_search_is_paged_like_the_whole_list(bundle, organization, add_customer):
    for number in range(3):
        add_customer(f"Asha {number}")
        add_customer(f"Ravi {number}")
    first = bundle.get(f"{PATH}?search=asha&limit=2", organization.agent)
    second = bundle.get(f"{PATH}?search=asha&limit=2&cursor={first.json['next_cursor']}", organization.agent)

    assert [row["name"] for row in first.data + second.data] == ["Asha 2", "Asha 1", "Asha 0"]
    assert second.json["next_cursor"] is None


def test_one_that_was_merged_is_found_as_the_one_that_has_its_addresses(
    bundle, organization, add_customer, merge
):
    asha = add_customer("Asha", "asha@customer.example")
    merge(asha, add_customer("A. Rao", "rao@customer.example"))

    assert names(bundle, organization.agent) == ["Asha"]
    assert names(bundle, organization.agent, search="rao@customer") == ["Asha"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=abc", "cursor"),
        ("search=", "search"),
        (f"search={'x' * 101}", "search"),
        ("name=Asha", "name"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(bundle, organization, query, field):
    answer = bundle.get(f"{PATH}?{query}", organization.agent)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})


def test_another_organizations_customers_are_not_listed(bundle, organization, add_customer):
    add_customer("Stranger", "asha@customer.example", of=bundle.database.add_organization("Other").id)

    assert names(bundle, organization.agent) == []
    assert names(bundle, organization.agent, search="asha") == []
