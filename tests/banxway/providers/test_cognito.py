"""A user pool's accounts follow the members; moto plays the pool."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from banxway.errors import Unavailable
from banxway.providers.cognito import CognitoUserPool
from tests.support.product.moto_aws import moto_client, shared_client, user_pool

EMAIL = "ravi@customer.example"


@pytest.fixture
def pool_id() -> Iterator[str]:
    with user_pool() as made:
        yield made


@pytest.fixture
def pool(pool_id: str) -> CognitoUserPool:
    return CognitoUserPool(pool_id, lambda: shared_client("cognito-idp"))


def account(pool_id: str, email: str = EMAIL) -> dict[str, Any]:
    return shared_client("cognito-idp").admin_get_user(UserPoolId=pool_id, Username=email)


def attributes(pool_id: str) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in account(pool_id)["UserAttributes"]}


def sign_in(pool_id: str) -> str:
    """Do as somebody who used the temporary password and chose another; return the subject."""
    shared_client("cognito-idp").admin_set_user_password(
        UserPoolId=pool_id, Username=EMAIL, Password="Another-1-word!", Permanent=True
    )
    return attributes(pool_id)["sub"]


def test_an_invitation_makes_an_account_with_a_verified_address(pool: CognitoUserPool, pool_id: str) -> None:
    assert pool.invite(email=EMAIL, name="Ravi") is True

    made = attributes(pool_id)
    assert (made["email"], made["email_verified"], made["name"]) == (EMAIL, "true", "Ravi")
    assert account(pool_id)["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_it_is_mailed_and_mailed_again(pool_id: str) -> None:
    client, sent = moto_client("cognito-idp"), []
    client.meta.events.register(
        "provide-client-params.cognito-identity-provider.AdminCreateUser",
        lambda params, **_: sent.append(params),
    )
    pool = CognitoUserPool(pool_id, lambda: client)

    assert [pool.invite(email=EMAIL, name="Ravi") for _ in range(2)] == [True, True]

    assert [each["DesiredDeliveryMediums"] for each in sent] == [["EMAIL"], ["EMAIL"]]
    assert [each.get("MessageAction") for each in sent] == [None, "RESEND"]
    assert {each["UserPoolId"] for each in sent} == {pool_id}


def test_an_account_that_was_used_is_left_alone_but_for_its_access(
    pool: CognitoUserPool, pool_id: str
) -> None:
    pool.invite(email=EMAIL, name="Ravi")
    subject = sign_in(pool_id)
    pool.disable(subject)

    assert pool.invite(email=EMAIL, name="Somebody else") is False

    assert (attributes(pool_id)["sub"], attributes(pool_id)["name"]) == (subject, "Ravi")
    assert account(pool_id)["Enabled"] is True


def test_an_account_that_nobody_used_is_withdrawn_and_no_other(pool: CognitoUserPool, pool_id: str) -> None:
    pool.invite(email=EMAIL, name="Ravi")
    pool.withdraw(EMAIL)
    with pytest.raises(ClientError, match="UserNotFoundException"):
        account(pool_id)
    pool.withdraw(EMAIL)

    pool.invite(email=EMAIL, name="Ravi")
    sign_in(pool_id)
    pool.withdraw(EMAIL)
    assert account(pool_id)["UserStatus"] == "CONFIRMED"


def test_an_account_is_disabled_and_enabled_by_its_subject(pool: CognitoUserPool, pool_id: str) -> None:
    pool.invite(email=EMAIL, name="Ravi")
    subject = sign_in(pool_id)

    pool.disable(subject)
    assert account(pool_id)["Enabled"] is False
    pool.enable(subject)
    assert account(pool_id)["Enabled"] is True


def test_a_subject_of_another_issuer_is_nobody_here(pool: CognitoUserPool) -> None:
    pool.disable("auth0|5f7c8ec7")
    pool.enable("auth0|5f7c8ec7")


def test_a_pool_that_does_not_answer_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    pool = CognitoUserPool("ap-south-1_absent", lambda: shared_client("cognito-idp"))

    with pytest.raises(Unavailable) as refusal:
        pool.invite(email=EMAIL, name="Ravi")

    assert refusal.value.reason == "sign_in_service_down"
