"""A deployer creates an organization with the owner's address alone; its first admin signs in as everybody does."""

import pytest

from banxway.errors import Conflict, SettingsError, ValidationFailed
from functions.organizations.create.app import handler
from tests.support.product.joining import ME, TEAM, arrive, audited, expire

ASHA = {"name": "Asha Traders", "admin": "asha@customer.example"}


def test_a_new_organization_has_an_admin_who_is_invited(lone_bundle):
    created = lone_bundle.call(handler, ASHA)

    assert created == ASHA | {
        "organization_id": created["organization_id"],
        "is_new": True,
        "invitation_expires_at": created["invitation_expires_at"],
        "delivery": "by_hand",
        "sign_in_url": "https://console.test",
    }
    assert audited(lone_bundle, created["organization_id"]) == ["organization.create", "member.invite"]
    me = arrive(lone_bundle, "asha", email=ASHA["admin"]).data
    assert (me["organization_id"], me["organization_name"], me["role"]) == (
        created["organization_id"],
        "Asha Traders",
        "admin",
    )
    members = arrive(lone_bundle, "asha", path=TEAM).data
    assert [(member["email"], member["status"]) for member in members] == [(ASHA["admin"], "active")]


def test_the_owner_who_creates_it_is_no_superuser(lone_bundle):
    lone_bundle.call(handler, ASHA)

    assert lone_bundle.database.rows(
        "SELECT rolsuper OR rolbypassrls AS is_powerful FROM pg_roles WHERE rolname = 'banxway_owner'"
    ) == [{"is_powerful": False}]


def test_the_same_again_creates_nothing_and_opens_the_invitation_again(lone_bundle):
    first = lone_bundle.call(handler, ASHA)
    (admin,) = lone_bundle.database.rows("SELECT id FROM users")
    expire(lone_bundle, admin["id"])

    second = lone_bundle.call(handler, {"name": "asha traders", "admin": "ASHA@customer.example"})

    assert (second["organization_id"], second["is_new"]) == (first["organization_id"], False)
    assert lone_bundle.database.rows("SELECT id, invitation_expires_at > now() AS is_open FROM users") == [
        {"id": admin["id"], "is_open": True}
    ]
    assert len(lone_bundle.database.rows("SELECT FROM organizations")) == 1


def test_once_the_admin_is_a_member_the_same_is_refused_with_the_organizations_id(lone_bundle):
    created = lone_bundle.call(handler, ASHA)
    arrive(lone_bundle, "asha", email=ASHA["admin"])
    before = lone_bundle.database.rows("SELECT * FROM users")

    with pytest.raises(Conflict, match=created["organization_id"]) as refusal:
        lone_bundle.call(handler, ASHA)

    assert refusal.value.reason == "already_member"
    assert lone_bundle.database.rows("SELECT * FROM users") == before


def test_organizations_see_nothing_of_each_other(lone_bundle):
    lone_bundle.call(handler, ASHA)
    lone_bundle.call(handler, {"name": "Beta", "admin": "bela@other.example"})
    arrive(lone_bundle, "asha", email=ASHA["admin"])

    members = arrive(lone_bundle, "asha", path=TEAM).data

    assert [member["email"] for member in members] == [ASHA["admin"]]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": "Asha Traders"}, "admin"),
        (ASHA | {"admin": "asha"}, "admin"),
        (ASHA | {"name": ""}, "name"),
        (ASHA | {"name": "a\0b"}, "name"),
        (ASHA | {"id": "1"}, "id"),
        (ASHA | {"ResponseURL": "https://evil.example"}, "ResponseURL"),
    ],
    ids=str,
)
def test_what_is_no_organization_is_refused_and_nothing_is_created(lone_bundle, given, field):
    with pytest.raises(ValidationFailed) as refusal:
        lone_bundle.call(handler, given)

    assert refusal.value.details["field"] == field
    assert lone_bundle.database.rows("SELECT FROM organizations") == []


def test_the_applications_own_role_creates_none(lone_bundle):
    twin = lone_bundle.twin(owner_database_url=lone_bundle.database.app_url)

    with pytest.raises(SettingsError, match="does not connect as the owner"):
        twin.call(handler, ASHA)

    assert lone_bundle.database.rows("SELECT FROM organizations") == []


def test_an_address_that_is_none_is_refused_without_its_password(lone_bundle):
    twin = lone_bundle.twin(owner_database_url="postgresql://owner:s3cret@[host/db")

    with pytest.raises(SettingsError) as refusal:
        twin.call(handler, ASHA)

    assert refusal.value.message == "OWNER_DATABASE_URL is not a connection address of PostgreSQL"


def test_nobody_gets_in_before_the_invitation_is_accepted(lone_bundle):
    lone_bundle.call(handler, ASHA)

    answer = arrive(lone_bundle, "asha", email=ASHA["admin"], email_verified=False, path=ME)

    assert (answer.status, answer.json["details"]["reason"]) == (401, "email_not_verified")
