"""Where the deployment has a user pool, its accounts follow the team; what it refuses leaves the team as it says."""

from collections.abc import Iterator

import pytest

from banxway.errors import Unavailable
from banxway.providers.cognito import CognitoUserPool
from functions.organizations.create.app import handler as create
from tests.support.product.app import Bundle, bundle_of
from tests.support.product.joining import RAVI, TEAM, arrive, invited
from tests.support.product.moto_aws import shared_client, user_pool


@pytest.fixture
def pool_id() -> Iterator[str]:
    with user_pool() as made:
        yield made


@pytest.fixture
def pooled(test_database, tmp_path, pool_id: str) -> Iterator[Bundle]:
    """The product with a user pool of its own."""
    with bundle_of(test_database, tmp_path, cognito_user_pool_id=pool_id) as made:
        vars(made.app.infrastructure)["user_pool"] = CognitoUserPool(
            pool_id, lambda: shared_client("cognito-idp")
        )
        yield made


@pytest.fixture
def organization(pooled):
    return pooled.database.add_organization()


def accounts(pool_id):
    """Return status and access of every account by its address."""
    found = shared_client("cognito-idp").list_users(UserPoolId=pool_id)["Users"]
    return {
        next(a["Value"] for a in each["Attributes"] if a["Name"] == "email"): (
            each["UserStatus"],
            each["Enabled"],
        )
        for each in found
    }


def used(pool_id):
    """Let the invited person choose a password, as their first sign-in demands; return the subject."""
    client = shared_client("cognito-idp")
    client.admin_set_user_password(
        UserPoolId=pool_id, Username=RAVI["email"], Password="Another-1-word!", Permanent=True
    )
    found = client.admin_get_user(UserPoolId=pool_id, Username=RAVI["email"])["UserAttributes"]
    return next(each["Value"] for each in found if each["Name"] == "sub")


class Down:
    """A user pool that does not answer."""

    def __getattr__(self, operation):
        def refuse(*_given, **_named):
            raise Unavailable("down")

        return refuse


def test_the_pool_mails_an_invitation(pooled, organization, pool_id):
    answer = pooled.post(TEAM, organization.admin, RAVI)

    assert (answer.status, answer.data["delivery"]) == (201, "mail")
    assert accounts(pool_id) == {RAVI["email"]: ("FORCE_CHANGE_PASSWORD", True)}


def test_an_invitation_that_was_not_mailed_is_saved_and_is_sent_again(pooled, organization, pool_id):
    pool = pooled.app.infrastructure.user_pool
    vars(pooled.app.infrastructure)["user_pool"] = Down()

    refusal = pooled.post(TEAM, organization.admin, RAVI)

    assert (refusal.status, refusal.json["details"]["reason"]) == (503, "invitation_not_sent")
    assert "send it again" in refusal.json["error"]
    saved = next(m for m in pooled.get(TEAM, organization.admin).data if m["email"] == RAVI["email"])
    assert (saved["id"], saved["status"]) == (refusal.json["details"]["user_id"], "invited")

    vars(pooled.app.infrastructure)["user_pool"] = pool
    assert pooled.post(f"{TEAM}/{saved['id']}/resend", organization.admin).data["delivery"] == "mail"
    assert accounts(pool_id) == {RAVI["email"]: ("FORCE_CHANGE_PASSWORD", True)}


def test_somebody_with_an_account_is_invited_by_hand(pooled, organization, pool_id):
    pooled.app.infrastructure.user_pool.invite(email=RAVI["email"], name="Ravi")
    used(pool_id)

    answer = pooled.post(TEAM, organization.admin, RAVI)

    assert (answer.data["delivery"], answer.data["sign_in_url"]) == ("by_hand", "https://console.test")


def test_a_revoked_invitation_takes_its_account_along(pooled, organization, pool_id):
    member = invited(pooled, organization.admin)

    pooled.request("DELETE", f"{TEAM}/{member['id']}", user=organization.admin)

    assert accounts(pool_id) == {}


def test_an_account_stays_that_another_organization_waits_for(pooled, organization):
    other = pooled.database.add_organization("Other")
    first, second = invited(pooled, organization.admin), invited(pooled, other.admin)
    withdrawn = []
    pooled.app.infrastructure.user_pool.withdraw = withdrawn.append

    pooled.request("DELETE", f"{TEAM}/{first['id']}", user=organization.admin)
    assert withdrawn == []
    pooled.request("DELETE", f"{TEAM}/{second['id']}", user=other.admin)
    assert withdrawn == [RAVI["email"]]


def test_an_account_that_is_in_use_elsewhere_stays(pooled, organization, pool_id):
    other = pooled.database.add_organization("Other")
    invited(pooled, other.admin)
    assert arrive(pooled, used(pool_id)).status == 200
    member = invited(pooled, organization.admin)

    pooled.request("DELETE", f"{TEAM}/{member['id']}", user=organization.admin)

    assert accounts(pool_id) == {RAVI["email"]: ("CONFIRMED", True)}


def test_a_member_loses_and_regains_the_account_with_the_access(pooled, organization, pool_id):
    member = invited(pooled, organization.admin)
    subject = used(pool_id)
    assert arrive(pooled, subject).status == 200
    path = f"{TEAM}/{member['id']}"

    pooled.request("PATCH", path, user=organization.admin, body={"is_active": False})
    assert accounts(pool_id) == {RAVI["email"]: ("CONFIRMED", False)}
    pooled.request("PATCH", path, user=organization.admin, body={"is_active": True})
    assert accounts(pool_id) == {RAVI["email"]: ("CONFIRMED", True)}


def test_a_deactivation_holds_even_if_the_pool_does_not_follow(pooled, organization, pool_id):
    vars(pooled.app.infrastructure)["user_pool"] = Down()

    answer = pooled.request(
        "PATCH", f"{TEAM}/{organization.agent}", user=organization.admin, body={"is_active": False}
    )

    assert (answer.status, answer.json["details"]["reason"]) == (503, "sign_in_service_down")
    assert "The change is saved" in answer.json["error"]
    assert pooled.get("/api/v1/communications/threads", organization.agent).status == 401


def test_a_first_admin_is_mailed_too(pooled, pool_id):
    created = pooled.call(create, {"name": "Asha Traders", "admin": "asha@customer.example"})

    assert created["delivery"] == "mail"
    assert accounts(pool_id) == {"asha@customer.example": ("FORCE_CHANGE_PASSWORD", True)}


def test_without_a_pool_there_is_none(bundle):
    assert bundle.app.infrastructure.user_pool is None
