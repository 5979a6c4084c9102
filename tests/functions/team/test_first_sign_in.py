"""The first sign-in makes a member of who is invited, once, and of nobody else; every refusal changes nothing."""

import pytest

from tests.support.product.app import token
from tests.support.product.joining import ME, RAVI, TEAM, arrive, audited, expire, invited
from tests.support.timing.racing import Background, held, patient, until_waiting


def everybody(bundle):
    return bundle.database.rows("SELECT * FROM users ORDER BY id")


def refused(answer):
    return answer.status, answer.json["code"], answer.json["details"]["reason"]


@pytest.mark.parametrize("subject", ["0d9f5a1e-9d3b-4c5e-8a55-2b0a5f1f5c11", "auth0|5f7c8", "1" * 255])
def test_the_first_request_is_served_and_so_is_every_later_one(lone_bundle, subject):
    organization = lone_bundle.database.add_organization()
    member = invited(lone_bundle, organization.admin)

    first = arrive(lone_bundle, subject)
    # What the token says of the address counts once.
    later = arrive(lone_bundle, subject, email=None, email_verified=None)

    assert first.data == later.data
    assert (first.data["id"], first.data["role"]) == (member["id"], "agent")
    assert first.data["organization_id"] == str(organization.id)
    shown = next(m for m in lone_bundle.get(TEAM, organization.admin).data if m["id"] == member["id"])
    assert (shown["status"], shown["is_active"], shown["invitation_expires_at"]) == ("active", True, None)
    assert lone_bundle.database.rows(
        "SELECT subject, accepted_at IS NOT NULL AS is_accepted FROM users WHERE id = %s", (member["id"],)
    ) == [{"subject": subject, "is_accepted": True}]
    assert audited(lone_bundle, organization.id) == ["member.invite", "member.accept_invitation"]


def test_an_address_counts_in_any_case_and_a_text_that_says_true(bundle, organization):
    invited(bundle, organization.admin, email="Case@Customer.example")

    assert arrive(bundle, "cased", email=" CASE@customer.example", email_verified="true").status == 200


def test_a_route_for_admins_is_not_served_by_the_way(bundle, organization):
    invited(bundle, organization.admin, email="way@customer.example")

    answer = arrive(bundle, "by the way", email="way@customer.example", path=TEAM)

    assert (answer.status, answer.json["details"]["role"]) == (403, "agent")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"email_verified": False}, "email_not_verified"),
        ({"email_verified": "false"}, "email_not_verified"),
        ({"email_verified": None}, "email_not_verified"),
        ({"email_verified": 1}, "email_not_verified"),
        ({"email": None}, "email_missing"),
        ({"email": ""}, "email_missing"),
        ({"email": "somebody.else@customer.example"}, "no_invitation"),
        ({"email": "%"}, "no_invitation"),
        ({"email": f"{RAVI['email']}.evil"}, "no_invitation"),
        ({"aud": "another"}, "wrong_audience"),
        ({"iss": "https://another.test"}, "wrong_issuer"),
    ],
    ids=str,
)
def test_a_token_that_does_not_prove_the_address_changes_nothing(lone_bundle, claims, reason):
    invited(lone_bundle, lone_bundle.database.add_organization().admin)
    before = everybody(lone_bundle)

    answer = arrive(lone_bundle, "unproven", **claims)

    assert refused(answer) == (401, "not_authenticated", reason)
    assert everybody(lone_bundle) == before


def test_an_expired_invitation_is_refused_and_accepted_after_it_was_sent_again(lone_bundle):
    organization = lone_bundle.database.add_organization()
    member = invited(lone_bundle, organization.admin)
    expire(lone_bundle, member["id"])
    before = everybody(lone_bundle)

    assert refused(arrive(lone_bundle, "late")) == (401, "not_authenticated", "invitation_expired")
    assert everybody(lone_bundle) == before

    lone_bundle.post(f"{TEAM}/{member['id']}/resend", organization.admin)
    assert arrive(lone_bundle, "late").status == 200


def test_an_invitation_is_used_once(lone_bundle):
    organization = lone_bundle.database.add_organization()
    invited(lone_bundle, organization.admin)
    assert arrive(lone_bundle, "the first").status == 200
    before = everybody(lone_bundle)

    assert refused(arrive(lone_bundle, "a second")) == (401, "not_authenticated", "no_invitation")
    assert everybody(lone_bundle) == before


def test_a_member_who_is_invited_elsewhere_stays_where_they_are(lone_bundle):
    one, other = (lone_bundle.database.add_organization(name) for name in ("One", "Other"))
    invited(lone_bundle, one.admin)
    assert arrive(lone_bundle, "settled").status == 200
    elsewhere = invited(lone_bundle, other.admin)

    assert arrive(lone_bundle, "settled").data["organization_id"] == str(one.id)
    assert lone_bundle.database.rows("SELECT subject FROM users WHERE id = %s", (elsewhere["id"],)) == [
        {"subject": None}
    ]


def test_of_two_organizations_none_is_guessed(lone_bundle):
    one, other = (lone_bundle.database.add_organization(name) for name in ("One", "Other"))
    invited(lone_bundle, one.admin)
    second = invited(lone_bundle, other.admin)
    before = everybody(lone_bundle)

    assert refused(arrive(lone_bundle, "wanted")) == (401, "not_authenticated", "several_invitations")
    assert everybody(lone_bundle) == before

    lone_bundle.request("DELETE", f"{TEAM}/{second['id']}", user=other.admin)
    assert arrive(lone_bundle, "wanted").data["organization_id"] == str(one.id)


def test_an_expired_invitation_elsewhere_is_in_nobodys_way(lone_bundle):
    one, other = (lone_bundle.database.add_organization(name) for name in ("One", "Other"))
    expire(lone_bundle, invited(lone_bundle, other.admin)["id"])
    invited(lone_bundle, one.admin)

    assert arrive(lone_bundle, "wanted").data["organization_id"] == str(one.id)


def test_who_was_deactivated_learns_it_and_is_not_invited_by_their_address(lone_bundle):
    organization = lone_bundle.database.add_organization()
    member = invited(lone_bundle, organization.admin)
    arrive(lone_bundle, "leaving")
    path = f"{TEAM}/{member['id']}"
    lone_bundle.request("PATCH", path, user=organization.admin, body={"is_active": False})
    before = everybody(lone_bundle)

    assert refused(arrive(lone_bundle, "leaving")) == (401, "not_authenticated", "user_deactivated")
    assert refused(arrive(lone_bundle, "another")) == (401, "not_authenticated", "no_invitation")
    assert everybody(lone_bundle) == before

    lone_bundle.request("PATCH", path, user=organization.admin, body={"is_active": True})
    assert arrive(lone_bundle, "leaving").status == 200


@pytest.mark.parametrize("subjects", [("same", "same"), ("one", "other")], ids=["one browser", "two people"])
def test_two_first_sign_ins_at_once_bind_once(lone_bundle, subjects):
    """A browser asks for several things at once: both requests go on. Of two people the second is refused."""
    organization = lone_bundle.database.add_organization()
    member = invited(lone_bundle, organization.admin)
    twins = [lone_bundle.twin() for _ in subjects]

    def come(twin, subject):
        patient(twin.app)
        try:
            return arrive(twin, subject).status
        finally:
            twin.close()

    # Both have found the invitation, and wait to accept it.
    with held(lone_bundle.database, "SELECT FROM users WHERE id = %s FOR UPDATE", (member["id"],)):
        pairs = zip(twins, subjects, strict=True)
        coming = [Background(lambda pair=pair: come(*pair)) for pair in pairs]
        until_waiting(lone_bundle.database, 2)
    answers = sorted(one.result() for one in coming)

    assert answers == ([200, 200] if subjects[0] == subjects[1] else [200, 401])
    assert audited(lone_bundle, organization.id).count("member.accept_invitation") == 1


def test_a_request_that_comes_right_after_the_first_one_goes_on(lone_bundle):
    """The invitation is gone when this one looks for it, since another request of the same browser accepted it."""
    organization = lone_bundle.database.add_organization()
    member = invited(lone_bundle, organization.admin)
    twin = lone_bundle.twin()
    database = twin.app.infrastructure.database
    asked = database.nobody

    def overtaken(**options):
        assert arrive(lone_bundle, "quick").status == 200
        return asked(**options)

    database.nobody = overtaken
    try:
        assert arrive(twin, "quick").data["id"] == member["id"]
    finally:
        twin.close()


def test_the_usual_request_asks_the_database_no_more_than_before(bundle, organization):
    statements = []
    connection = bundle.app.infrastructure.database
    begin = connection._begin
    connection._begin = lambda statement, given: (statements.append(statement), begin(statement, given))[1]
    try:
        for _ in range(2):
            assert bundle.get(ME, organization.agent).status == 200
    finally:
        connection._begin = begin

    assert statements == ["SELECT * FROM enter_subject_scope(%s, %s)"] * 2


def test_a_ticket_and_a_socket_are_the_new_members(bundle, organization):
    invited(bundle, organization.admin, email="socket@customer.example")
    header = {
        "authorization": f"Bearer {token('socket', email='socket@customer.example', email_verified=True)}"
    }

    assert bundle.request("POST", "/api/v1/realtime/ticket", headers=header).status == 201
