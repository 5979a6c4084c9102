"""The console learns from one request who is signed in, where, and what this user may do."""

import pytest

from banxway.security.permissions import PERMISSIONS
from tests.support.product.joining import ME


@pytest.mark.parametrize("role", ["admin", "manager", "agent"])
def test_the_signed_in_user_sees_themselves(bundle, organization, role):
    user = getattr(organization, role)

    me = bundle.get(ME, user).data

    assert (me["id"], me["role"], me["organization_id"]) == (str(user), role, str(organization.id))
    assert me["permissions"] == sorted(name for name, roles in PERMISSIONS.items() if role in roles)
    types = {each["integration_type"] for each in me["integrations"]}
    assert types == (
        set() if role == "admin" else {"exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail"}
    )
    assert {each["user_id"] for each in me["integrations"]} <= {str(user)}


def test_everybody_learns_whom_to_ask_and_nobody_else_is_named(bundle, organization):
    other = bundle.database.add_organization("Other")
    bundle.database.rows("UPDATE users SET name = 'Asha' WHERE id = %s", (organization.admin,))
    bundle.database.rows(
        "UPDATE users SET role = 'admin', name = 'Rohit' WHERE id = %s", (organization.manager,)
    )
    bundle.database.rows("UPDATE users SET name = 'Zoya' WHERE id = %s", (other.admin,))

    asked = bundle.get(ME, organization.agent).data["admins"]
    bundle.database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.manager,))

    assert asked == [
        {"id": str(organization.admin), "name": "Asha"},
        {"id": str(organization.manager), "name": "Rohit"},
    ]
    assert [each["name"] for each in bundle.get(ME, organization.agent).data["admins"]] == ["Asha"]
