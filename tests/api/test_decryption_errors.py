"""Credentials that cannot be read: the guide's issue 9 as three answers, and a key service that fails (fault 37)."""

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import KmsKeyWrapper
from tests.support.databases.postgres import Organization
from tests.support.product.app import Answer, Bundle
from tests.support.product.moto_aws import moto_client
from tests.support.product.stories import add_mailbox, configure
from tests.support.timing.clocks import SetClock

SYNC = "/api/v1/settings/integrations/exotel_phone/sync"
OTHER_KEY = base64.b64encode(b"o" * 32).decode()
CUT = "UPDATE {table} SET credentials_encrypted = left(credentials_encrypted, 100)"


def use_integration(bundle: Bundle, organization: Organization) -> Answer:
    return bundle.post(SYNC, organization.admin)


@pytest.mark.parametrize(
    ("settings", "code", "sentence"),
    [
        (
            {"encryption_master_key": OTHER_KEY},
            "wrong_key",
            "decrypt failed: the encryption key changed; restore the original ENCRYPTION_MASTER_KEY",
        ),
        (
            {"encryption_master_key": None},
            "key_missing",
            "decrypt failed: no encryption key is set; restore ENCRYPTION_KEY_ARN or ENCRYPTION_MASTER_KEY",
        ),
    ],
    ids=["another key", "no key"],
)
def test_a_key_that_does_not_fit_is_named_with_what_to_restore(
    bundle: Bundle, organization: Organization, settings: dict[str, Any], code: str, sentence: str
) -> None:
    configure(bundle, organization.admin, "exotel_phone")
    asked = len(bundle.providers.exotel_accounts)
    beside = bundle.twin(**settings)

    answer = use_integration(beside, organization)

    beside.close()
    assert (answer.status, answer.json["code"], answer.json["error"]) == (500, code, sentence)
    assert len(bundle.providers.exotel_accounts) == asked
    assert use_integration(bundle, organization).status == 200


def test_damaged_credentials_are_an_error_of_their_own(bundle: Bundle, organization: Organization) -> None:
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(CUT.format(table="integration_credentials"))

    answer = use_integration(bundle, organization)

    assert (answer.status, answer.json["code"]) == (500, "corrupt_envelope")
    assert answer.json["error"] == (
        "Invalid encrypted data format: it was cut, altered or moved; save the credentials again"
    )
    configure(bundle, organization.admin, "exotel_phone")
    assert use_integration(bundle, organization).status == 200


def test_a_mailbox_is_never_opened_with_an_empty_password(bundle: Bundle, organization: Organization) -> None:
    account = add_mailbox(bundle, organization.admin)
    bundle.database.rows(CUT.format(table="email_accounts"))
    logins = len(bundle.providers.mail_servers)

    answer = bundle.post(f"/api/v1/settings/email-accounts/{account['id']}/poll-now", organization.admin)

    assert answer.json["success"] is False
    assert len(bundle.providers.mail_servers) == logins


# The key service fails.


class FailingKms:
    """A KMS client that fails while `failure` is set; the network edge."""

    def __init__(self, kms: Any) -> None:
        self._kms = kms
        self.failure: Exception | None = None

    def __getattr__(self, operation: str) -> Any:
        if self.failure is not None:
            raise self.failure
        return getattr(self._kms, operation)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def kms(bundle: Bundle, clock: SetClock) -> FailingKms:
    """The bundle's key service, which works."""
    client = moto_client("kms")
    failing = FailingKms(client)
    arn = client.create_key()["KeyMetadata"]["Arn"]
    bundle.app.infrastructure.envelope = Envelope(KmsKeyWrapper(arn, lambda: failing), clock=clock)  # type: ignore[arg-type,return-value]  # the edge
    return failing


DOWN = EndpointConnectionError(endpoint_url="https://kms")
REFUSALS = {
    "unreachable": (DOWN, 503, "unavailable"),
    "denied": (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Decrypt"), 500, "key_missing"),
    "disabled": (ClientError({"Error": {"Code": "DisabledException"}}, "Decrypt"), 500, "key_missing"),
}


@pytest.mark.parametrize("failure", REFUSALS)
def test_warm_keys_serve_for_five_minutes_and_then_the_failure_is_named(
    bundle: Bundle, organization: Organization, kms: FailingKms, clock: SetClock, failure: str
) -> None:
    raised, status, code = REFUSALS[failure]
    configure(bundle, organization.admin, "exotel_phone")
    kms.failure = raised

    clock.advance(seconds=299)
    warm = use_integration(bundle, organization)
    asked = len(bundle.providers.exotel_accounts)
    clock.advance(seconds=2)
    cold = [use_integration(bundle, organization)]
    clock.advance(minutes=5)
    cold.append(use_integration(bundle, organization))

    assert warm.status == 200, warm.text
    assert [(each.status, each.json["code"]) for each in cold] == [(status, code)] * 2
    assert ("Retry-After" in cold[0].headers) == (status == 503)
    assert len(bundle.providers.exotel_accounts) == asked
    kms.failure = None
    assert use_integration(bundle, organization).status == 200


@pytest.mark.parametrize("failure", REFUSALS)
def test_while_the_key_service_fails_nothing_is_saved_without_it(
    bundle: Bundle, organization: Organization, kms: FailingKms, failure: str
) -> None:
    kms.failure, status, code = REFUSALS[failure]

    answer = bundle.post(
        "/api/v1/settings/integrations/exotel_phone",
        organization.admin,
        {"account_sid": "a", "api_key": "k", "api_token": "t", "virtual_number": "01141169368"},
    )

    assert (answer.status, answer.json["code"]) == (status, code)
    assert bundle.database.rows("SELECT 1 FROM integration_credentials") == []
