"""An open invitation is given another seven days; a member has none."""

from tests.support.product.joining import TEAM, arrive, audited, expire, invited


def test_an_expired_invitation_is_open_again(bundle, organization):
    member = invited(bundle, organization.admin)
    expire(bundle, member["id"])
    shown = {m["id"]: m["status"] for m in bundle.get(TEAM, organization.admin).data}

    answer = bundle.post(f"{TEAM}/{member['id']}/resend", organization.admin)

    assert shown[member["id"]] == "expired"
    assert (answer.status, answer.data["member"]["status"], answer.data["delivery"]) == (
        200,
        "invited",
        "by_hand",
    )
    assert bundle.database.rows(
        "SELECT invitation_expires_at > now() + interval '6 days' AS is_open FROM users WHERE id = %s",
        (member["id"],),
    ) == [{"is_open": True}]
    assert audited(bundle, organization.id) == ["member.invite", "member.invite_again"]


def test_a_member_has_no_invitation(lone_bundle):
    bundle, organization = lone_bundle, lone_bundle.database.add_organization()
    member = invited(bundle, organization.admin)
    arrive(bundle, f"member of {organization.id}")

    for user_id in (member["id"], organization.agent):
        answer = bundle.post(f"{TEAM}/{user_id}/resend", organization.admin)
        assert (answer.status, answer.json["details"]["reason"]) == (409, "already_member")


def test_another_organizations_invitation_is_not_found(bundle, organization):
    member = invited(bundle, organization.admin)
    stranger = bundle.database.add_organization("Other").admin
    before = bundle.get(TEAM, organization.admin).data

    assert bundle.post(f"{TEAM}/{member['id']}/resend", stranger).status == 404
    assert member["id"] not in {each["id"] for each in bundle.get(TEAM, stranger).data}
    assert bundle.get(TEAM, organization.admin).data == before


def test_only_an_admin_sends_it_again(bundle, organization):
    member = invited(bundle, organization.admin)

    assert bundle.post(f"{TEAM}/{member['id']}/resend", organization.manager).status == 403
