"""Saying that an address is a customer's."""

from uuid import UUID, uuid4

import pytest

from tests.support.product.stories import BUSINESS, SUPPORT, add_mailbox, configure
from tests.support.timing.racing import Background, held, patient, until_waiting

PATH = "/api/v1/communications/customers"
EMAIL = {"kind": "email", "address": "asha@work.example"}


def add(bundle, user, customer, kind, address):
    body = {"kind": kind, "address": address}
    return bundle.post(f"{PATH}/{customer}/addresses", user, body)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("email", "Asha@Work.Example", "asha@work.example"),
        ("email", " asha/o'b+x@work.example ", "asha/o'b+x@work.example"),
        ("phone", "+91 98765-43210", "+919876543210"),
        ("phone", "098765 43210", "+919876543210"),
        ("phone", "0044 20 7946 0018", "+442079460018"),
    ],
)
def test_an_address_is_kept_in_the_form_in_which_it_is_compared(
    bundle, organization, add_customer, show, kind, written, kept
):
    asha = add_customer("Asha")

    answer = add(bundle, organization.agent, asha, kind, written)

    assert answer.status == 201
    (address,) = answer.data["addresses"]
    assert (address["kind"], address["address"], address["linked_by"]) == (kind, kept, "agent")
    assert answer.data == show(asha)


def test_adding_is_audited(bundle, organization, add_customer, audited):
    asha = add_customer("Asha", "asha@home.example")
    add(bundle, organization.agent, asha, **EMAIL)

    entry = audited("customer.add_address")
    assert (entry["customer_id"], entry["user_id"]) == (asha, str(organization.agent))
    assert entry["before"]["addresses"] == ["email asha@home.example"]
    assert entry["after"]["addresses"] == ["email asha@home.example", "email asha@work.example"]


def test_a_message_from_it_is_that_customers(bundle, organization, add_customer, show):
    """What joins a person's addresses is this, and not that somebody once wrote to one."""
    from tests.support.product.stories import mail_arrived

    asha = add_customer("Asha", "asha@home.example")
    add(bundle, organization.agent, asha, **EMAIL)

    thread = mail_arrived(bundle, organization, sender="asha@work.example", mailbox="inbox@ours.example")

    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data
    assert shown["customer"]["id"] == asha
    assert show(asha)["thread_count"] == 1


def test_an_address_that_is_another_customers_is_refused_and_says_whose(
    bundle, organization, add_customer, show
):
    asha, ravi = add_customer("Asha"), add_customer("Ravi", "asha@work.example", "+919876543210")
    before = show(asha), show(ravi)

    answers = [
        add(bundle, organization.agent, asha, "email", "ASHA@work.example"),
        add(bundle, organization.agent, asha, "phone", "09876543210"),
    ]

    for answer in answers:
        assert answer.status == 409
        assert "another customer" in answer.json["error"]
        assert answer.json["details"] == {"field": "address", "customer_id": ravi}
    assert (show(asha), show(ravi)) == before


def test_an_address_that_is_the_customers_already_is_refused(bundle, organization, add_customer):
    asha = add_customer("Asha", "asha@work.example")

    answer = add(bundle, organization.agent, asha, **EMAIL)

    assert (answer.status, answer.json["details"]) == (409, {"field": "address"})


def test_our_own_mailboxes_and_numbers_are_never_a_customers(bundle, organization, add_customer, show):
    asha = add_customer("Asha")
    add_mailbox(bundle, organization.admin)
    configure(bundle, organization.admin, "exotel_whatsapp")
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(
        """INSERT INTO organization_phone_numbers (id, organization_id, phone_number, display_name)
           VALUES (gen_random_uuid(), %s, '08047100199', 'Line')""",
        (organization.id,),
    )

    for kind, address in (
        ("email", SUPPORT.upper()),
        ("phone", BUSINESS),
        ("phone", "+911141169368"),
        ("phone", "+918047100199"),
    ):
        answer = add(bundle, organization.agent, asha, kind, address)
        assert (answer.status, answer.json["details"]) == (422, {"field": "address"}), address
        assert "our own" in answer.json["error"]
    assert show(asha)["addresses"] == []


def test_another_organizations_mailbox_may_be_a_customers(bundle, organization, add_customer):
    add_mailbox(bundle, bundle.database.add_organization("Other").admin, email="support@other.example")

    assert (
        add(bundle, organization.agent, add_customer("Other"), "email", "support@other.example").status == 201
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "email"}, "address"),
        ({"address": "asha@work.example"}, "kind"),
        ({"kind": "fax", "address": "asha@work.example"}, "kind"),
        ({"kind": "email", "address": "asha"}, "address"),
        ({"kind": "email", "address": "a@b.example, c@d.example"}, "address"),
        ({"kind": "email", "address": "+919876543210"}, "address"),
        ({"kind": "phone", "address": "asha@work.example"}, "address"),
        ({"kind": "phone", "address": "12"}, "address"),
        ({"kind": "phone", "address": ""}, "address"),
        ({"kind": "phone", "address": "9" * 300}, "address"),
        ({**EMAIL, "linked_by": "inbound"}, "linked_by"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name_and_changes_nothing(
    bundle, organization, add_customer, show, body, field
):
    asha = add_customer("Asha")

    answer = bundle.post(f"{PATH}/{asha}/addresses", organization.agent, body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})
    assert show(asha)["addresses"] == []


def test_one_that_was_merged_gets_no_address(bundle, organization, add_customer, merge):
    asha, rao = add_customer("Asha"), add_customer("A. Rao")
    merge(asha, rao)

    answer = add(bundle, organization.agent, rao, **EMAIL)

    assert (answer.status, answer.json["details"]) == (409, {"merged_into": asha})


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization, add_customer):
    theirs = add_customer("Stranger", of=bundle.database.add_organization("Other").id)

    statuses = [add(bundle, organization.agent, one, **EMAIL).status for one in (uuid4(), theirs)]
    assert statuses == [404, 404]


def test_of_two_at_once_for_two_customers_one_learns_whose_it_is(bundle, organization, add_customer, show):
    customers = [add_customer("Asha"), add_customer("Ravi")]
    twins = [bundle.twin() for _ in customers]

    def say(twin, customer):
        patient(twin.app)
        try:
            return add(twin, organization.agent, customer, **EMAIL)
        finally:
            twin.close()

    # Both have looked at their customer, and wait to be the first to link the address.
    wanted = tuple(UUID(each) for each in customers)
    with held(bundle.database, "SELECT FROM customers WHERE id = ANY(%s) FOR NO KEY UPDATE", (list(wanted),)):
        pairs = zip(twins, customers, strict=True)
        saying = [Background(lambda given=given: say(*given)) for given in pairs]
        until_waiting(bundle.database, 2)
    answers = [one.result() for one in saying]

    assert sorted(answer.status for answer in answers) == [201, 409]
    (winner,) = [one for one in customers if show(one)["addresses"]]
    (refused,) = [answer for answer in answers if answer.status == 409]
    assert refused.json["details"]["customer_id"] == winner
