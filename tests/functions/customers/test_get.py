"""Looking at one customer."""

from uuid import uuid4

from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import CUSTOMER, customer_wrote

PATH = "/api/v1/communications/customers"


def test_every_address_says_how_it_was_learned(bundle, organization):
    thread = customer_wrote(bundle, organization)
    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["customer"]
    path = f"{PATH}/{shown['id']}"
    bundle.post(f"{path}/addresses", organization.agent, {"kind": "email", "address": "asha@mail.example"})

    answer = bundle.get(path, organization.agent)

    learned = {"id": A_UUID, "via": "", "created_at": AN_INSTANT}
    assert answer.status == 200
    assert answer.data == {
        "id": shown["id"],
        "name": "Asha",
        "addresses": [
            learned | {"kind": "phone", "address": CUSTOMER, "linked_by": "inbound"},
            learned | {"kind": "email", "address": "asha@mail.example", "linked_by": "agent"},
        ],
        "thread_count": 1,
        "merged_customers": [],
        "created_at": AN_INSTANT,
        "is_cut": False,
    }


def test_who_can_be_unmerged_is_shown(organization, add_customer, merge, show):
    asha, rao = add_customer("Asha"), add_customer("A. Rao")
    merge(asha, rao)

    assert show(asha)["merged_customers"] == [
        {"id": rao, "name": "A. Rao", "merged_by": str(organization.manager), "merged_at": AN_INSTANT}
    ]


def test_one_that_was_merged_is_shown_as_the_one_that_has_its_rows(add_customer, merge, show):
    asha, rao, ar = add_customer("Asha"), add_customer("A. Rao"), add_customer("AR")
    merge(rao, ar)
    merge(asha, rao)

    assert show(ar) == show(rao) == show(asha)
    # Those of a customer that was merged itself come back with it.
    assert [one["id"] for one in show(asha)["merged_customers"]] == [rao]


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization, add_customer):
    theirs = add_customer("Stranger", of=bundle.database.add_organization("Other").id)

    absent, foreign = (bundle.get(f"{PATH}/{one}", organization.agent) for one in (uuid4(), theirs))
    assert absent.status == 404
    assert foreign.without_request_id() == absent.without_request_id()
