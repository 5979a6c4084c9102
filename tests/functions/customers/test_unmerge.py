"""Two customers who turn out not to be one person."""

from uuid import uuid4

import pytest

from tests.support.product.acquaintances import state_of
from tests.support.product.stories import customer_wrote, mail_arrived

PATH = "/api/v1/communications/customers"
THREADS = "/api/v1/communications/threads"
HOME, WORK, PHONE = "asha@home.example", "asha@work.example", "+919876543210"


def test_everything_is_as_it_was(bundle, organization, add_customer, merge, show):
    by_mail = mail_arrived(bundle, organization, sender=HOME)
    by_phone = customer_wrote(bundle, organization, sender=PHONE)
    asha, rao = (
        bundle.get(f"{THREADS}/{one}", organization.agent).data["customer"]["id"]
        for one in (by_mail, by_phone)
    )
    before, seen = state_of(bundle.database), (show(asha), show(rao))
    merge(asha, rao)

    answer = merge(asha, rao, verb="unmerge")

    assert (answer.status, answer.json["message"]) == (200, "Customers un-merged")
    assert answer.data == show(asha)
    assert (show(asha), show(rao)) == seen
    assert state_of(bundle.database) == before


def test_it_is_audited_with_the_one_before_and_both_after(bundle, organization, add_customer, merge, audited):
    asha, rao = add_customer("Asha", HOME), add_customer("A. Rao", WORK)
    merge(asha, rao)
    merge(asha, rao, verb="unmerge")

    entry, merged = audited("customer.unmerge"), audited("customer.merge")
    assert (entry["before"], entry["after"]) == (merged["after"], merged["before"])
    assert (entry["customer_id"], entry["other_customer_id"]) == (asha, rao)
    assert entry["moved"] == merged["moved"]


def test_what_was_merged_again_is_unmerged_again(bundle, add_customer, merge):
    asha, rao = add_customer("Asha", HOME), add_customer("A. Rao", WORK)
    before = state_of(bundle.database)
    for _ in range(3):
        assert merge(asha, rao).status == 200
        assert merge(asha, rao, verb="unmerge").status == 200

    assert state_of(bundle.database) == before


def test_a_chain_is_undone_from_its_end(bundle, add_customer, merge, show):
    a, b, c = (add_customer(name, f"{name}@{uuid4().hex}.example") for name in "abc")
    before = state_of(bundle.database)
    merge(b, c)
    merge(a, b)

    refused = [merge(b, c, verb="unmerge"), merge(a, c, verb="unmerge")]
    assert [answer.status for answer in refused] == [409, 409]
    assert len(show(a)["addresses"]) == 3

    assert merge(a, b, verb="unmerge").status == 200
    assert [len(show(one)["addresses"]) for one in (a, b)] == [1, 2]
    assert merge(b, c, verb="unmerge").status == 200
    assert state_of(bundle.database) == before


BAD = {
    "what was never merged": (lambda c: (c["asha"], c["ravi"]), 409, "is not merged into this customer"),
    "from another": (lambda c: (c["asha"], c["merged"]), 409, "is not merged into this customer"),
    "the one from the merged one": (lambda c: (c["merged"], c["ravi"]), 409, "was merged into another"),
    "itself": (lambda c: (c["asha"], c["asha"]), 422, "another customer"),
    "another organization's": (lambda c: (c["asha"], c["stranger"]), 422, "must be a customer of this"),
    "nobody": (lambda c: (c["asha"], str(uuid4())), 422, "must be a customer of this"),
    "from nobody": (lambda c: (str(uuid4()), c["merged"]), 404, "not found"),
    "from another organization's": (lambda c: (c["stranger"], c["merged"]), 404, "not found"),
}


@pytest.mark.parametrize(("pair", "status", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_unmerged_is_refused_and_changes_nothing(
    bundle, add_customer, merge, pair, status, sentence
):
    customers = {name: add_customer(name, f"{name}@{uuid4().hex}.example") for name in ("asha", "ravi")}
    customers["merged"] = add_customer("A. Rao", f"{uuid4().hex}@work.example")
    customers["stranger"] = add_customer("S", of=bundle.database.add_organization("Other").id)
    merge(customers["ravi"], customers["merged"])
    before = state_of(bundle.database)

    answer = merge(*pair(customers), verb="unmerge")

    assert answer.status == status
    assert sentence in answer.json["error"]
    assert state_of(bundle.database) == before
