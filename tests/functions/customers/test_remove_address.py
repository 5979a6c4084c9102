"""Taking an address from a customer."""

from uuid import UUID, uuid4

import pytest

from tests.support.timing.racing import Background, held, patient, until_waiting

PATH = "/api/v1/communications/customers"
HOME, WORK = "asha@home.example", "asha@work.example"


def remove(bundle, user, customer, address_id):
    return bundle.request("DELETE", f"{PATH}/{customer}/addresses/{address_id}", user=user)


def ids_of(shown):
    return {each["address"]: each["id"] for each in shown["addresses"]}


def test_an_address_is_removed_audited_and_may_be_anybodys(bundle, organization, add_customer, show, audited):
    asha, ravi = add_customer("Asha", HOME, WORK), add_customer("Ravi")

    answer = remove(bundle, organization.agent, asha, ids_of(show(asha))[WORK])

    assert (answer.status, answer.json["message"]) == (200, "Address removed")
    assert answer.data == show(asha)
    assert list(ids_of(answer.data)) == [HOME]
    entry = audited("customer.remove_address")
    assert (entry["before"]["addresses"], entry["after"]["addresses"]) == (
        [f"email {HOME}", f"email {WORK}"],
        [f"email {HOME}"],
    )
    body = {"kind": "email", "address": WORK}
    assert bundle.post(f"{PATH}/{ravi}/addresses", organization.agent, body).status == 201


@pytest.mark.parametrize(
    ("name", "status"),
    [("Asha", 200), ("", 409), (" ", 409), (HOME, 409), ("+919876543210", 409), ("098765 43210", 409)],
)
def test_the_last_address_may_go_if_a_name_still_says_who_it_is(
    bundle, organization, add_customer, show, name, status
):
    asha = add_customer(name, HOME)

    answer = remove(bundle, organization.agent, asha, ids_of(show(asha))[HOME])

    assert answer.status == status
    assert len(show(asha)["addresses"]) == (status == 409)


def test_two_who_remove_at_once_do_not_remove_the_last(bundle, organization, add_customer, show):
    asha = add_customer("", HOME, WORK)
    ids = ids_of(show(asha)).values()
    twins = [bundle.twin() for _ in ids]

    def ask(twin, address_id):
        patient(twin.app)
        try:
            return remove(twin, organization.agent, asha, address_id).status
        finally:
            twin.close()

    with held(bundle.database, "SELECT FROM customers WHERE id = %s FOR NO KEY UPDATE", (UUID(asha),)):
        pairs = zip(twins, ids, strict=True)
        removing = [Background(lambda given=given: ask(*given)) for given in pairs]
        until_waiting(bundle.database, 2)

    assert sorted(one.result() for one in removing) == [200, 409]
    assert len(show(asha)["addresses"]) == 1


def test_one_that_was_merged_loses_no_address(bundle, organization, add_customer, merge, show):
    asha, rao = add_customer("Asha", HOME), add_customer("A. Rao", WORK)
    work = ids_of(show(rao))[WORK]
    merge(asha, rao)

    assert remove(bundle, organization.agent, rao, work).status == 409
    assert remove(bundle, organization.agent, asha, work).status == 200


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization, add_customer, show):
    asha, ravi = add_customer("Asha", HOME), add_customer("Ravi", WORK)
    stranger = bundle.database.add_organization("Other")
    home, work = ids_of(show(asha))[HOME], ids_of(show(ravi))[WORK]

    assert remove(bundle, organization.agent, asha, uuid4()).status == 404
    assert remove(bundle, organization.agent, asha, work).status == 404
    assert remove(bundle, organization.agent, uuid4(), home).status == 404
    assert remove(bundle, stranger.agent, asha, home).status == 404
    assert (list(ids_of(show(asha))), list(ids_of(show(ravi)))) == ([HOME], [WORK])


def test_an_address_beyond_what_one_answer_shows_is_removed_as_well(bundle, organization, add_customer, show):
    asha = add_customer("Asha", "first@mail.example")
    bundle.database.rows(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           SELECT %s, %s, 'email', 'z' || n || repeat('😀', 100), 'inbound' FROM generate_series(1, 2000) AS n""",
        (organization.id, asha),
    )
    (beyond,) = bundle.database.rows(
        """SELECT id::text FROM customer_addresses WHERE customer_id = %s
           ORDER BY created_at DESC, address DESC LIMIT 1""",
        (asha,),
    )
    assert show(asha)["is_cut"]
    assert beyond["id"] not in [each["id"] for each in show(asha)["addresses"]]

    answer = bundle.request("DELETE", f"{PATH}/{asha}/addresses/{beyond['id']}", user=organization.agent)

    assert answer.status == 200
    left = bundle.database.rows("SELECT FROM customer_addresses WHERE customer_id = %s", (asha,))
    assert len(left) == 2000
