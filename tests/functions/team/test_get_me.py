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
