"""An invitation that nobody accepted is deleted; a member is not."""

from tests.support.product.joining import RAVI, TEAM, arrive, audited, invited


def _revoke(bundle, user, user_id):
    return bundle.request("DELETE", f"{TEAM}/{user_id}", user=user)


def test_a_revoked_invitation_lets_nobody_in_and_may_be_given_again(bundle, organization):
    address = f"{organization.id.hex}@customer.example"
    member = invited(bundle, organization.admin, email=address)
    permission = {"user_id": member["id"], "can_use": True}
    bundle.post("/api/v1/settings/integrations/zoho_mail/permissions", organization.admin, permission)

    answer = _revoke(bundle, organization.admin, member["id"])

    assert (answer.status, answer.json["message"]) == (200, "Invitation revoked")
    refusal = arrive(bundle, "revoked", email=address)
    assert (refusal.status, refusal.json["details"]["reason"]) == (401, "no_invitation")
    assert audited(bundle, organization.id)[-1] == "member.revoke_invitation"
    assert invited(bundle, organization.admin, email=address)["id"] != member["id"]


def test_a_member_is_not_revoked(lone_bundle):
    bundle, organization = lone_bundle, lone_bundle.database.add_organization()
    member = invited(bundle, organization.admin)
    arrive(bundle, f"member of {organization.id}")

    for user_id in (member["id"], organization.agent, organization.admin):
        answer = _revoke(bundle, organization.admin, user_id)
        assert (answer.status, answer.json["details"]["reason"]) == (409, "already_member")
    assert len(bundle.get(TEAM, organization.admin).data) == 4


def test_another_organizations_invitation_is_not_found(bundle, organization):
    member = invited(bundle, organization.admin)
    stranger = bundle.database.add_organization("Other").admin

    assert _revoke(bundle, stranger, member["id"]).status == 404
    assert RAVI["email"] in {each["email"] for each in bundle.get(TEAM, organization.admin).data}


def test_only_an_admin_revokes(bundle, organization):
    member = invited(bundle, organization.admin)

    assert _revoke(bundle, organization.manager, member["id"]).status == 403
