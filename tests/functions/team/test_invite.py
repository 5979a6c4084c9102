"""An invitation is a user who is not active yet; it can be given once, and is open for seven days."""

import pytest

from tests.support.product.joining import RAVI, TEAM, arrive, audited, expire, invited
from tests.support.product.matching import A_UUID, A_VERSION
from tests.support.timing.racing import Background, held, patient, until_waiting


def test_an_admin_invites_a_person_who_is_nobody_yet(bundle, organization):
    answer = bundle.post(TEAM, organization.admin, RAVI | {"phone_number": "+919876543210"})

    assert answer.status == 201
    assert (answer.data["delivery"], answer.data["sign_in_url"]) == ("by_hand", "https://console.test")
    member = answer.data["member"]
    assert member == {
        "id": A_UUID,
        **RAVI,
        "is_active": False,
        "status": "invited",
        "invitation_expires_at": member["invitation_expires_at"],
        "phone_number": "+919876543210",
        "phone_number_source": "admin",
        "phone_numbers": [],
        "permissions": [],
        "version": A_VERSION,
    }
    assert bundle.database.rows(
        """SELECT invitation_expires_at - invited_at = interval '7 days' AS is_a_week, invited_by, subject
           FROM users WHERE id = %s""",
        (member["id"],),
    ) == [{"is_a_week": True, "invited_by": organization.admin, "subject": None}]
    assert member in bundle.get(TEAM, organization.manager).data
    assert audited(bundle, organization.id) == ["member.invite"]


def test_an_address_is_invited_in_lower_case(bundle, organization):
    assert invited(bundle, organization.admin, email="Ravi@Customer.EXAMPLE")["email"] == RAVI["email"]


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_only_an_admin_invites(bundle, organization, role):
    answer = bundle.post(TEAM, getattr(organization, role), RAVI)

    assert (answer.status, answer.json["error"]) == (403, "User does not have admin role")
    assert len(bundle.get(TEAM, organization.admin).data) == 3


@pytest.mark.parametrize("state", ["invited", "expired", "accepted", "deactivated"])
def test_an_address_is_invited_once(lone_bundle, state):
    bundle, organization = lone_bundle, lone_bundle.database.add_organization()
    member = invited(bundle, organization.admin)
    if state == "expired":
        expire(bundle, member["id"])
    if state in ("accepted", "deactivated"):
        assert arrive(bundle, f"again {organization.id}").status == 200
    if state == "deactivated":
        bundle.request("PATCH", f"{TEAM}/{member['id']}", user=organization.admin, body={"is_active": False})
    before = bundle.get(TEAM, organization.admin).data

    answer = bundle.post(TEAM, organization.admin, RAVI | {"email": "RAVI@customer.example", "role": "admin"})

    reason = "invitation_open" if state in ("invited", "expired") else "already_member"
    assert (answer.status, answer.json["details"]) == (
        409,
        {"reason": reason, "field": "email", "user_id": member["id"]},
    )
    assert bundle.get(TEAM, organization.admin).data == before


def test_two_admins_who_invite_one_address_at_once_make_one_invitation(bundle, organization):
    bundle.database.rows("UPDATE users SET role = 'admin' WHERE id = %s", (organization.manager,))
    twins = [bundle.twin(), bundle.twin()]

    def invite(twin, admin):
        patient(twin.app)
        try:
            return twin.post(TEAM, admin, RAVI).status
        finally:
            twin.close()

    # Both are about to add their row, which names this organization.
    with held(bundle.database, "SELECT FROM organizations WHERE id = %s FOR UPDATE", (organization.id,)):
        inviting = [
            Background(lambda given=given: invite(*given))
            for given in zip(twins, (organization.admin, organization.manager), strict=True)
        ]
        until_waiting(bundle.database, 2)
    answers = sorted(one.result() for one in inviting)

    assert answers == [201, 409]
    assert [m["email"] for m in bundle.get(TEAM, organization.admin).data].count(RAVI["email"]) == 1


def test_two_organizations_may_invite_one_address(bundle, organization):
    other = bundle.database.add_organization("Other")

    assert invited(bundle, organization.admin)["id"] != invited(bundle, other.admin)["id"]


def test_a_telephone_is_one_members(bundle, organization):
    invited(bundle, organization.admin, phone_number="+919876543210")
    other = bundle.database.add_organization("Other")

    answer = bundle.post(
        TEAM, organization.admin, RAVI | {"email": "sita@customer.example", "phone_number": "+919876543210"}
    )

    assert (answer.status, answer.json["details"]) == (409, {"field": "phone_number"})
    assert invited(bundle, other.admin, phone_number="+919876543210")["phone_number"] == "+919876543210"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ravi"}, "email"),
        ({"email": None}, "email"),
        ({"email": "ravi@localhost"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "=cmd()"}, "name"),
        ({"name": "Ravi\u202eRao"}, "name"),
        ({"role": "owner"}, "role"),
        ({"phone_number": "98765 43210"}, "phone_number"),
        ({"is_active": True}, "is_active"),
        ({"subject": "mine"}, "subject"),
    ],
    ids=str,
)
def test_what_is_no_person_is_refused(bundle, organization, change, field):
    answer = bundle.post(TEAM, organization.admin, RAVI | change)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)
    assert len(bundle.get(TEAM, organization.admin).data) == 3


def test_an_invitation_is_not_a_member_to_whom_anything_is_assigned(bundle, organization):
    invited(bundle, organization.admin, role="admin")

    # The last active admin is still the last one.
    answer = bundle.request(
        "PATCH", f"{TEAM}/{organization.admin}", user=organization.admin, body={"role": "agent"}
    )
    assert (answer.status, answer.json["details"]["reason"]) == (409, "last_admin")
