"""Roles and access change at once; an organization is never left without an admin."""

import pytest

from tests.support.product.joining import invited
from tests.support.timing.racing import Background, held, patient, until_waiting

TEAM = "/api/v1/settings/team"


def _change(bundle, user, member, body):
    return bundle.request("PATCH", f"{TEAM}/{member}", user=user, body=body)


def test_a_role_holds_from_the_next_request_on(bundle, organization):
    before = bundle.get(TEAM, organization.agent)

    answer = _change(bundle, organization.admin, organization.agent, {"role": "manager"})

    assert before.status == 403
    assert answer.data["role"] == "manager"
    assert bundle.get(TEAM, organization.agent).status == 200


def test_a_revoked_user_is_refused_at_the_next_request_and_loses_open_sockets(bundle, organization):
    """Threat 10: a token that is still valid, and a socket that is still open, must not keep working."""
    bundle.database.rows(
        """INSERT INTO realtime_connections (connection_id, organization_id, user_id, expires_at)
           VALUES ('agents', %s, %s, now() + interval '1 hour'), ('admins', %s, %s, now() + interval '1 hour')""",
        (organization.id, organization.agent, organization.id, organization.admin),
    )

    _change(bundle, organization.admin, organization.agent, {"is_active": False})

    answer = bundle.get("/api/v1/communications/threads", organization.agent)
    assert (answer.status, answer.json["code"]) == (401, "not_authenticated")
    assert bundle.frames.closed == ["agents"]
    assert bundle.database.rows(
        "SELECT connection_id FROM realtime_connections WHERE organization_id = %s", (organization.id,)
    ) == [{"connection_id": "admins"}]


def test_a_ticket_of_a_revoked_user_opens_nothing(bundle, organization):
    bundle.post("/api/v1/realtime/ticket", organization.agent)

    _change(bundle, organization.admin, organization.agent, {"is_active": False})

    assert (
        bundle.database.rows("SELECT 1 FROM realtime_tickets WHERE organization_id = %s", (organization.id,))
        == []
    )


def test_nobody_changes_their_own_access(bundle, organization):
    _change(bundle, organization.admin, organization.manager, {"role": "admin"})

    for change in ({"role": "agent"}, {"is_active": False}):
        answer = _change(bundle, organization.admin, organization.admin, change)
        assert (answer.status, "another admin" in answer.json["error"]) == (409, True)


def test_the_last_admin_does_not_leave(bundle, organization):
    for change in ({"role": "agent"}, {"is_active": False}):
        answer = _change(bundle, organization.admin, organization.admin, change)
        assert (answer.status, answer.json["details"]) == (
            409,
            {"reason": "last_admin", "field": next(iter(change))},
        )

    assert bundle.get(TEAM, organization.admin).status == 200


def test_two_admins_cannot_remove_each_other_at_once(bundle, organization):
    bundle.database.rows("UPDATE users SET role = 'admin' WHERE id = %s", (organization.manager,))
    pairs = [(organization.admin, organization.manager), (organization.manager, organization.admin)]
    twins = [bundle.twin() for _ in pairs]

    def remove(twin, pair):
        patient(twin.app)
        try:
            return _change(twin, pair[0], pair[1], {"is_active": False}).status
        finally:
            twin.close()

    # Both are signed in, and see two admins, before the first has removed the other.
    with held(bundle.database, "SELECT FROM users WHERE organization_id = %s FOR UPDATE", (organization.id,)):
        both = zip(twins, pairs, strict=True)
        removing = [Background(lambda given=given: remove(*given)) for given in both]
        until_waiting(bundle.database, 2)
    answers = [one.result() for one in removing]

    left = bundle.database.rows(
        "SELECT 1 FROM users WHERE organization_id = %s AND role = 'admin' AND is_active", (organization.id,)
    )
    assert len(left) == 1
    assert sorted(answers)[0] == 200


def test_a_user_of_another_organization_is_not_found(bundle, organization):
    stranger = bundle.database.add_organization("Other").agent

    assert _change(bundle, organization.admin, stranger, {"role": "admin"}).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "role"),
        ({"role": "owner"}, "role"),
        ({"role": None}, "role"),
        ({"is_active": "perhaps"}, "is_active"),
        ({"is_active": "f"}, "is_active"),
        ({"is_active": 0}, "is_active"),
    ],
    ids=str,
)
def test_what_is_no_change_is_refused(bundle, organization, body, field):
    answer = _change(bundle, organization.admin, organization.agent, body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})


def test_an_invitation_is_neither_activated_nor_deactivated(bundle, organization):
    """Somebody who cannot sign in must not count as an active admin."""
    member = invited(bundle, organization.admin)

    for is_active in (True, False):
        answer = _change(bundle, organization.admin, member["id"], {"is_active": is_active})
        assert (answer.status, answer.json["details"]) == (
            409,
            {"reason": "invitation_open", "field": "is_active"},
        )
    changed = _change(bundle, organization.admin, member["id"], {"role": "manager", "name": "Ravi"})
    assert (changed.data["role"], changed.data["name"], changed.data["status"]) == (
        "manager",
        "Ravi",
        "invited",
    )


def test_a_telephone_of_another_member_is_refused_and_nothing_is_changed(bundle, organization):
    _change(bundle, organization.admin, organization.manager, {"phone_number": "+919876543210"})

    answer = _change(
        bundle, organization.admin, organization.agent, {"role": "manager", "phone_number": "+919876543210"}
    )

    assert (answer.status, answer.json["details"]) == (409, {"field": "phone_number"})
    assert bundle.get(TEAM, organization.agent).status == 403
