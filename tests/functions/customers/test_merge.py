"""Two customers who are one person."""

from uuid import uuid4

import pytest

from tests.support.product.acquaintances import state_of
from tests.support.product.stories import customer_wrote, mail_arrived
from tests.support.timing.racing import Background, held, patient, until_waiting

PATH = "/api/v1/communications/customers"
THREADS = "/api/v1/communications/threads"
HOME, WORK, PHONE = "asha@home.example", "asha@work.example", "+919876543210"


def test_the_one_has_everything_of_both(bundle, organization, add_customer, merge, show):
    by_mail = mail_arrived(bundle, organization, sender=HOME)
    by_phone = customer_wrote(bundle, organization, sender=PHONE)
    asha, rao = (
        bundle.get(f"{THREADS}/{one}", organization.agent).data["customer"]["id"]
        for one in (by_mail, by_phone)
    )

    answer = merge(asha, rao)

    assert (answer.status, answer.json["message"]) == (200, "Customers merged")
    assert answer.data == show(asha)
    assert [each["address"] for each in answer.data["addresses"]] == [HOME, PHONE]
    assert [each["linked_by"] for each in answer.data["addresses"]] == ["inbound", "inbound"]
    assert answer.data["thread_count"] == 2
    for thread in (by_mail, by_phone):
        shown = bundle.get(f"{THREADS}/{thread}", organization.agent).data["customer"]
        assert (shown["id"], len(shown["addresses"])) == (asha, 2)
    listed = bundle.get(f"{THREADS}?customer_id={asha}", organization.agent).data
    assert {each["id"] for each in listed} == {by_mail, by_phone}


def test_who_writes_from_either_address_is_that_one(bundle, organization, add_customer, merge, show):
    asha, rao = add_customer("Asha", HOME), add_customer("A. Rao", WORK, PHONE)
    merge(asha, rao)

    threads = [
        mail_arrived(bundle, organization, sender=WORK),
        customer_wrote(bundle, organization, sender=PHONE),
    ]

    for thread in threads:
        assert bundle.get(f"{THREADS}/{thread}", organization.agent).data["customer"]["id"] == asha


def test_a_merge_is_audited_with_both_before_and_the_one_after(
    bundle, organization, add_customer, merge, audited
):
    asha, rao = add_customer("Asha", HOME), add_customer("A. Rao", WORK)
    merge(asha, rao)

    entry = audited("customer.merge")
    assert (entry["customer_id"], entry["other_customer_id"]) == (asha, rao)
    assert entry["user_id"] == str(organization.manager)
    assert entry["moved"] == {"customer_addresses": 1, "threads": 0, "messages": 0}
    noted = {"name": "Asha", "id": asha, "thread_count": 0}
    assert entry["before"] == [
        noted | {"addresses": [f"email {HOME}"]},
        {"name": "A. Rao", "id": rao, "thread_count": 0, "addresses": [f"email {WORK}"]},
    ]
    assert entry["after"] == [noted | {"addresses": [f"email {HOME}", f"email {WORK}"]}]


def test_browsers_that_show_a_thread_of_either_are_notified(bundle, organization, merge):
    threads = [
        mail_arrived(bundle, organization, sender=HOME),
        customer_wrote(bundle, organization, sender=PHONE),
    ]
    asha, rao = (bundle.get(f"{THREADS}/{one}", organization.agent).data["customer"]["id"] for one in threads)
    bundle.database.rows("DELETE FROM changes WHERE organization_id = %s", (organization.id,))

    merge(asha, rao)

    changes = bundle.database.rows(
        "SELECT kind, thread_id FROM changes WHERE organization_id = %s", (organization.id,)
    )
    assert {(row["kind"], str(row["thread_id"])) for row in changes} == {
        ("thread.updated", thread) for thread in threads
    }


BAD = {
    "with itself": (lambda c: (c["asha"], c["asha"]), 422, "another customer"),
    "with another organization's": (lambda c: (c["asha"], c["stranger"]), 422, "must be a customer of this"),
    "with nobody": (lambda c: (c["asha"], str(uuid4())), 422, "must be a customer of this"),
    "with one that was merged": (lambda c: (c["asha"], c["merged"]), 409, "merged into a customer already"),
    "once more": (lambda c: (c["ravi"], c["merged"]), 409, "merged into a customer already"),
    "with the one it was merged into": (lambda c: (c["merged"], c["ravi"]), 409, "was merged into another"),
    "of one that was merged": (lambda c: (c["merged"], c["asha"]), 409, "was merged into another"),
    "of one that was merged with itself": (lambda c: (c["merged"], c["merged"]), 422, "another customer"),
    "of nobody": (lambda c: (str(uuid4()), c["asha"]), 404, "not found"),
    "of another organization's": (lambda c: (c["stranger"], c["asha"]), 404, "not found"),
    "not by an id": (lambda c: (c["asha"], "asha"), 422, "customer_id"),
}


@pytest.mark.parametrize(("pair", "status", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_merged_is_refused_and_changes_nothing(
    bundle, organization, add_customer, merge, pair, status, sentence
):
    customers = {name: add_customer(name, f"{name}@{uuid4().hex}.example") for name in ("asha", "ravi")}
    customers["merged"] = add_customer("A. Rao", f"{uuid4().hex}@work.example")
    customers["stranger"] = add_customer("S", of=bundle.database.add_organization("Other").id)
    merge(customers["ravi"], customers["merged"])
    before = state_of(bundle.database)

    answer = merge(*pair(customers))

    assert answer.status == status
    assert sentence in answer.json["error"]
    if status == 422:
        assert answer.json["details"] == {"field": "customer_id"}
    assert state_of(bundle.database) == before


@pytest.mark.parametrize(
    ("body", "field"), [({}, "customer_id"), ({"customer_id": None}, "customer_id"), ({"id": "x"}, "id")]
)
def test_a_body_that_breaks_a_rule_is_refused_by_name(bundle, organization, add_customer, body, field):
    asha = add_customer("Asha")

    answer = bundle.post(f"{PATH}/{asha}/merge", organization.manager, body)

    assert answer.status == 422
    assert answer.json["details"]["field"] in (field, "customer_id")


def test_an_agent_merges_nobody(bundle, organization, add_customer):
    asha, rao = add_customer("Asha"), add_customer("A. Rao")

    answers = [
        bundle.post(f"{PATH}/{asha}/{verb}", organization.agent, {"customer_id": rao})
        for verb in ("merge", "unmerge")
    ]

    assert [answer.status for answer in answers] == [403, 403]


TWO_AT_ONCE = {
    "each into the other": lambda a, b, c: ((a, b), (b, a)),
    "one into two": lambda a, b, c: ((a, c), (b, c)),
    "the same twice": lambda a, b, c: ((a, b), (a, b)),
}


@pytest.mark.parametrize("pairs", TWO_AT_ONCE.values(), ids=TWO_AT_ONCE.keys())
def test_of_two_merges_at_once_that_exclude_each_other_one_is_refused(
    bundle, organization, add_customer, show, pairs
):
    customers = [add_customer(name, f"{name}@{uuid4().hex}.example") for name in "abc"]
    before = state_of(bundle.database)
    wanted = pairs(*customers)
    twins = [bundle.twin() for _ in wanted]

    def ask(twin, pair):
        patient(twin.app)
        try:
            path = f"{PATH}/{pair[0]}/merge"
            return twin.post(path, organization.manager, {"customer_id": pair[1]}).status
        finally:
            twin.close()

    # Both wait at the first row that a merge looks at once it may begin.
    statement = "SELECT pg_advisory_xact_lock(7002, hashtext(%s))"
    with held(bundle.database, statement, (str(organization.id),)):
        both = zip(twins, wanted, strict=True)
        merging = [Background(lambda given=given: ask(*given)) for given in both]
        until_waiting(bundle.database, 2)
    answers = [one.result() for one in merging]

    assert sorted(answers) == [200, 409]
    survivor, merged = wanted[answers.index(200)]
    assert len(show(survivor)["addresses"]) == 2
    undone = bundle.post(f"{PATH}/{survivor}/unmerge", organization.manager, {"customer_id": merged})
    assert undone.status == 200
    assert state_of(bundle.database) == before
