"""Re-wrapping replaces the wrapped data key of an envelope and leaves its ciphertext unchanged."""

import base64
from collections.abc import Callable
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from banxway import errors
from banxway.security.envelope import Binding, Envelope
from banxway.security.key_wrappers import KmsKeyWrapper, MasterKeyWrapper, NoKeyWrapper
from tests.support.keys.envelopes import key_id_of
from tests.support.timing.clocks import SetClock

ORGANIZATION = uuid4()
BINDING = Binding(ORGANIZATION, "integration_credentials", uuid4())
SECRET = b"canary-secret"


@pytest.fixture
def keys(new_master_key: Callable[[], str]) -> tuple[str, str]:
    """An old master key and a new one."""
    return new_master_key(), new_master_key()


@pytest.fixture
def old(keys: tuple[str, str]) -> Envelope:
    return Envelope(MasterKeyWrapper(keys[0]), clock=SetClock())


@pytest.fixture
def both(keys: tuple[str, str]) -> Envelope:
    """The envelope of a deployment during a rotation."""
    return Envelope(MasterKeyWrapper(keys[1], keys[0]), clock=SetClock())


@pytest.fixture
def new(keys: tuple[str, str]) -> Envelope:
    """The envelope of a deployment after the rotation."""
    return Envelope(MasterKeyWrapper(keys[1]), clock=SetClock())


def rewrapped(envelope: Envelope, text: str) -> str:
    moved = envelope.rewrap(text, organization_id=ORGANIZATION)
    assert moved is not None
    return moved


def test_what_was_rewrapped_opens_under_the_new_key_alone(
    old: Envelope, both: Envelope, new: Envelope
) -> None:
    text = old.encrypt(SECRET, binding=BINDING)

    moved = rewrapped(both, text)

    assert new.decrypt(moved, binding=BINDING) == SECRET
    assert both.decrypt(text, binding=BINDING) == both.decrypt(moved, binding=BINDING) == SECRET
    with pytest.raises(errors.WrongKey):
        old.decrypt(moved, binding=BINDING)


def test_the_ciphertext_is_not_touched_and_the_old_key_is_not_named(old: Envelope, both: Envelope) -> None:
    text = old.encrypt(SECRET, binding=BINDING)

    moved = base64.b64decode(rewrapped(both, text))

    ciphertext = base64.b64decode(text)[-8 - 16 - len(SECRET) - 12 : -8]
    assert moved.endswith(ciphertext + moved[-8:])
    assert key_id_of(text).encode() not in moved


def test_what_is_under_the_current_key_is_left_as_it_is(both: Envelope) -> None:
    text = both.encrypt(SECRET, binding=BINDING)

    assert both.rewrap(text, organization_id=ORGANIZATION) is None


@pytest.mark.parametrize("purpose", ["credentials", "blobs"])
def test_another_organizations_envelope_is_refused(old: Envelope, both: Envelope, purpose: str) -> None:
    text = old.encrypt(SECRET, binding=BINDING, purpose=purpose)

    with pytest.raises(errors.CorruptEnvelope):
        both.rewrap(text, organization_id=uuid4(), purpose=purpose)
    with pytest.raises(errors.CorruptEnvelope):
        both.rewrap(text, organization_id=ORGANIZATION, purpose="another")


def test_what_cannot_be_opened_cannot_be_rewrapped(old: Envelope, new: Envelope, both: Envelope) -> None:
    text = old.encrypt(SECRET, binding=BINDING)
    damaged = base64.b64encode(base64.b64decode(text)[:-1]).decode()

    with pytest.raises(errors.WrongKey):
        new.rewrap(text, organization_id=ORGANIZATION)
    with pytest.raises(errors.CorruptEnvelope):
        both.rewrap(damaged, organization_id=ORGANIZATION)
    with pytest.raises(errors.KeyMissing):
        Envelope(NoKeyWrapper(), clock=SetClock()).rewrap(text, organization_id=ORGANIZATION)


def test_without_a_key_nothing_is_rewrapped() -> None:
    with pytest.raises(errors.KeyMissing):
        NoKeyWrapper().rewrap(b"wrapped", "master:1", {})


# KMS.


@pytest.fixture
def arns(kms) -> tuple[str, str]:
    """An old KMS key and a new one."""
    return tuple(kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))  # type: ignore[return-value]  # two of them


def with_kms(kms: object, arn: str, previous: str | None = None) -> Envelope:
    return Envelope(KmsKeyWrapper(arn, lambda: kms, previous_arn=previous), clock=SetClock())  # type: ignore[arg-type,return-value]  # the edge


def test_kms_brings_an_envelope_from_its_previous_key_under_its_current_one(kms, arns) -> None:
    text = with_kms(kms, arns[0]).encrypt(SECRET, binding=BINDING)
    both = with_kms(kms, arns[1], arns[0])

    moved = rewrapped(both, text)

    assert both.decrypt(text, binding=BINDING) == SECRET
    assert with_kms(kms, arns[1]).decrypt(moved, binding=BINDING) == SECRET
    assert key_id_of(moved) == arns[1]
    assert both.rewrap(moved, organization_id=ORGANIZATION) is None


def test_kms_refuses_an_envelope_of_another_organization(kms, arns) -> None:
    text = with_kms(kms, arns[0]).encrypt(SECRET, binding=BINDING)

    with pytest.raises(errors.CorruptEnvelope):
        with_kms(kms, arns[1], arns[0]).rewrap(text, organization_id=uuid4())


def test_a_kms_key_that_nobody_named_is_a_wrong_key(kms, arns) -> None:
    text = with_kms(kms, arns[0]).encrypt(SECRET, binding=BINDING)

    with pytest.raises(errors.WrongKey):
        with_kms(kms, arns[1]).rewrap(text, organization_id=ORGANIZATION)
    with pytest.raises(errors.WrongKey):
        with_kms(kms, arns[1], arns[0] + "x").decrypt(text, binding=BINDING)


class FailingKms:
    """A KMS client, the edge to the network, that generates keys and fails to re-encrypt them."""

    def __init__(self, kms: object, failure: Exception) -> None:
        self.generate_data_key = kms.generate_data_key  # type: ignore[attr-defined]  # a boto3 client's
        self.failure = failure

    def re_encrypt(self, **_: object) -> object:
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (ClientError({"Error": {"Code": "DisabledException"}}, "ReEncrypt"), errors.KeyMissing),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "ReEncrypt"), errors.KeyMissing),
        (ClientError({"Error": {"Code": "IncorrectKeyException"}}, "ReEncrypt"), errors.WrongKey),
        (ClientError({"Error": {"Code": "InvalidCiphertextException"}}, "ReEncrypt"), errors.CorruptEnvelope),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "ReEncrypt"), errors.Unavailable),
        (EndpointConnectionError(endpoint_url="https://kms"), errors.Unavailable),
    ],
    ids=["disabled", "denied", "another key", "damaged", "throttled", "no connection"],
)
def test_each_failure_to_rewrap_becomes_its_own_error(
    kms, arns, failure: Exception, expected: type[Exception]
) -> None:
    text = with_kms(kms, arns[0]).encrypt(SECRET, binding=BINDING)

    with pytest.raises(expected) as raised:
        with_kms(FailingKms(kms, failure), arns[1], arns[0]).rewrap(text, organization_id=ORGANIZATION)

    assert raised.type is expected
