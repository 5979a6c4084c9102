"""A data key can be unwrapped only with the key and the context that wrapped it."""

import base64
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from banxway import errors
from banxway.security.key_wrappers import KmsKeyWrapper, MasterKeyWrapper

CONTEXT = {"organization_id": "a", "purpose": "credentials"}
OTHER_CONTEXTS = [
    {"organization_id": "b", "purpose": "credentials"},
    {"organization_id": "a", "purpose": "blobs"},
    {"organization_id": "a"},
    {},
]
OTHER_IDS = ["another organization", "another purpose", "purpose missing", "empty"]


class FailingKms:
    """A KMS client, the edge to the network, whose every call fails."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def generate_data_key(self, **_: object) -> object:
        raise self.failure

    def decrypt(self, **_: object) -> object:
        raise self.failure


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Decrypt")


def alias_of(kms: Any, arn: str) -> str:
    """Return a new alias of a key, which no other test uses."""
    alias = f"alias/{uuid4().hex}"
    kms.create_alias(AliasName=alias, TargetKeyId=arn)
    return alias


def _code_of(failure: Exception) -> str:
    return failure.response["Error"]["Code"] if isinstance(failure, ClientError) else type(failure).__name__


def test_a_master_key_opens_what_it_wrapped(new_master_key: Callable[[], str]) -> None:
    wrapper = MasterKeyWrapper(new_master_key())

    key = wrapper.generate(CONTEXT)

    assert len(key.plaintext) == 32
    assert wrapper.unwrap(key.wrapped, key.key_id, dict(reversed(CONTEXT.items()))) == key.plaintext


@pytest.mark.parametrize("context", OTHER_CONTEXTS, ids=OTHER_IDS)
def test_a_master_key_refuses_another_context(
    new_master_key: Callable[[], str], context: dict[str, str]
) -> None:
    wrapper = MasterKeyWrapper(new_master_key())
    key = wrapper.generate(CONTEXT)

    with pytest.raises(errors.CorruptEnvelope):
        wrapper.unwrap(key.wrapped, key.key_id, context)


def test_no_nonce_serves_twice_under_a_master_key(new_master_key: Callable[[], str]) -> None:
    """Two data keys under one nonce would reveal their difference; `generate` and `rewrap` are both tried."""
    wrapper = MasterKeyWrapper(new_master_key())
    key = wrapper.generate(CONTEXT)

    wrapped = [wrapper.generate(CONTEXT).wrapped for _ in range(50)]
    wrapped += [wrapper.rewrap(key.wrapped, key.key_id, CONTEXT).wrapped for _ in range(50)]

    assert len({each[:12] for each in wrapped}) == 100


def test_no_data_key_is_made_twice(new_master_key: Callable[[], str]) -> None:
    wrapper = MasterKeyWrapper(new_master_key())

    assert len({wrapper.generate(CONTEXT).plaintext for _ in range(50)}) == 50


def test_whatever_opens_is_never_a_key_of_another_length(new_master_key: Callable[[], str]) -> None:
    key = MasterKeyWrapper(new_master_key()).generate(CONTEXT)

    assert len(key.wrapped) == 12 + 32 + 16


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 59])
def test_a_cut_wrapped_key_is_damage(new_master_key: Callable[[], str], length: int) -> None:
    wrapper = MasterKeyWrapper(new_master_key())
    key = wrapper.generate(CONTEXT)

    with pytest.raises(errors.CorruptEnvelope):
        wrapper.unwrap(key.wrapped[:length], key.key_id, CONTEXT)


def test_the_previous_master_key_still_opens_while_new_keys_use_the_current(
    new_master_key: Callable[[], str],
) -> None:
    old, new = new_master_key(), new_master_key()
    key = MasterKeyWrapper(old).generate(CONTEXT)

    rotated = MasterKeyWrapper(new, old)

    assert rotated.unwrap(key.wrapped, key.key_id, CONTEXT) == key.plaintext
    assert rotated.generate(CONTEXT).key_id == MasterKeyWrapper(new).generate(CONTEXT).key_id != key.key_id


def test_after_the_rotation_the_old_master_key_is_a_wrong_key(new_master_key: Callable[[], str]) -> None:
    key = MasterKeyWrapper(new_master_key()).generate(CONTEXT)

    with pytest.raises(errors.WrongKey, match="restore the original ENCRYPTION_MASTER_KEY"):
        MasterKeyWrapper(new_master_key(), new_master_key()).unwrap(key.wrapped, key.key_id, CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        base64.b64encode(b"k" * 31).decode(),
        base64.b64encode(b"k" * 33).decode(),
        "ключ" * 11,
        base64.b64encode(b"k" * 32).decode() + "!",
        base64.b64encode(b"k" * 32).decode() + "\n",
    ],
    ids=["empty", "not base64", "31 bytes", "33 bytes", "not ascii", "a sign too many", "a line break"],
)
def test_a_malformed_master_key_is_a_settings_error_that_names_the_variable(
    new_master_key: Callable[[], str], text: str
) -> None:
    with pytest.raises(errors.SettingsError, match=r"^ENCRYPTION_MASTER_KEY "):
        MasterKeyWrapper(text)
    if text:
        with pytest.raises(errors.SettingsError, match=r"^ENCRYPTION_PREVIOUS_MASTER_KEY "):
            MasterKeyWrapper(new_master_key(), text)


def test_a_fingerprint_does_not_give_the_master_key_away(new_master_key: Callable[[], str]) -> None:
    text = new_master_key()

    fingerprint = MasterKeyWrapper(text).generate(CONTEXT).key_id

    assert base64.b64decode(text).hex()[:8] not in fingerprint


def test_kms_opens_what_it_wrapped(kms, kms_key_arn: str) -> None:
    wrapper = KmsKeyWrapper(kms_key_arn, lambda: kms)

    key = wrapper.generate(CONTEXT)

    assert len(key.plaintext) == 32
    assert key.key_id == kms_key_arn
    assert wrapper.unwrap(key.wrapped, key.key_id, CONTEXT) == key.plaintext


@pytest.mark.parametrize("context", OTHER_CONTEXTS, ids=OTHER_IDS)
def test_kms_refuses_another_context(kms, kms_key_arn: str, context: dict[str, str]) -> None:
    wrapper = KmsKeyWrapper(kms_key_arn, lambda: kms)
    key = wrapper.generate(CONTEXT)

    with pytest.raises(errors.CorruptEnvelope):
        wrapper.unwrap(key.wrapped, key.key_id, context)


def test_an_envelope_of_another_kms_key_is_a_wrong_key(kms, kms_key_arn: str) -> None:
    other_arn = kms.create_key()["KeyMetadata"]["Arn"]
    key = KmsKeyWrapper(other_arn, lambda: kms).generate(CONTEXT)

    with pytest.raises(errors.WrongKey, match="restore the original ENCRYPTION_KEY_ARN"):
        KmsKeyWrapper(kms_key_arn, lambda: kms).unwrap(key.wrapped, key.key_id, CONTEXT)


def test_an_envelope_of_a_master_key_is_a_wrong_key_under_kms(kms, kms_key_arn: str, new_master_key) -> None:
    key = MasterKeyWrapper(new_master_key()).generate(CONTEXT)

    with pytest.raises(errors.WrongKey):
        KmsKeyWrapper(kms_key_arn, lambda: kms).unwrap(key.wrapped, key.key_id, CONTEXT)


def test_an_alias_serves_as_well_as_a_key_arn(kms, kms_key_arn: str) -> None:
    wrapper = KmsKeyWrapper(alias_of(kms, kms_key_arn), lambda: kms)

    key = wrapper.generate(CONTEXT)

    assert wrapper.unwrap(key.wrapped, key.key_id, CONTEXT) == key.plaintext


@pytest.mark.parametrize("last", ["x", "!"], ids=["a later name", "an earlier name"])
def test_a_wrapped_key_that_belongs_to_another_key_than_it_says_is_damage(
    kms: Any, kms_key_arn: str, last: str
) -> None:
    wrapper = KmsKeyWrapper(alias_of(kms, kms_key_arn), lambda: kms)
    key = wrapper.generate(CONTEXT)

    with pytest.raises(errors.CorruptEnvelope):
        wrapper.unwrap(key.wrapped, kms_key_arn[:-1] + last, CONTEXT)
    with pytest.raises(errors.CorruptEnvelope):
        wrapper.rewrap(key.wrapped, kms_key_arn[:-1] + last, CONTEXT)


@pytest.fixture
def asked(kms: Any) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The requests that reach KMS: operation and arguments."""
    requests: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        requests.append((model.name, dict(params)))

    kms.meta.events.register("provide-client-params.kms", note)
    yield requests
    kms.meta.events.unregister("provide-client-params.kms", note)


def test_each_request_names_our_key_and_the_context(kms: Any, kms_key_arn: str, asked: list[Any]) -> None:
    """Without them, KMS would unwrap keys that somebody else wrapped, or that are another organization's."""
    alias = alias_of(kms, kms_key_arn)
    wrapper = KmsKeyWrapper(alias, lambda: kms)
    asked.clear()

    key = wrapper.generate(CONTEXT)
    wrapper.unwrap(key.wrapped, key.key_id, CONTEXT)
    wrapper.rewrap(key.wrapped, key.key_id, CONTEXT)

    assert asked == [
        ("GenerateDataKey", {"KeyId": alias, "KeySpec": "AES_256", "EncryptionContext": CONTEXT}),
        ("Decrypt", {"KeyId": alias, "CiphertextBlob": key.wrapped, "EncryptionContext": CONTEXT}),
        (
            "ReEncrypt",
            {
                "CiphertextBlob": key.wrapped,
                "SourceKeyId": alias,
                "SourceEncryptionContext": CONTEXT,
                "DestinationKeyId": alias,
                "DestinationEncryptionContext": CONTEXT,
            },
        ),
    ]


def test_what_a_stranger_wrapped_does_not_open_where_the_setting_is_an_alias(
    kms: Any, kms_key_arn: str
) -> None:
    """An envelope states its own key id, so an attacker's envelope states the id of the attacker's key."""
    alias = alias_of(kms, kms_key_arn)
    theirs = KmsKeyWrapper(kms.create_key()["KeyMetadata"]["Arn"], lambda: kms).generate(CONTEXT)

    # Moto answers AccessDenied where KMS answers IncorrectKey.
    with pytest.raises((errors.WrongKey, errors.KeyMissing)):
        KmsKeyWrapper(alias, lambda: kms).unwrap(theirs.wrapped, theirs.key_id, CONTEXT)


def test_a_key_that_kms_does_not_know_is_a_missing_key(kms, kms_key_arn: str) -> None:
    unknown = kms_key_arn.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"

    with pytest.raises(errors.KeyMissing, match="encrypt failed: KMS refuses the key in ENCRYPTION_KEY_ARN"):
        KmsKeyWrapper(unknown, lambda: kms).generate(CONTEXT)


@pytest.mark.parametrize("verb", ["encrypt", "decrypt"])
@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (refused("DisabledException"), errors.KeyMissing),
        (refused("NotFoundException"), errors.KeyMissing),
        (refused("AccessDeniedException"), errors.KeyMissing),
        (refused("KMSInvalidStateException"), errors.KeyMissing),
        (refused("InvalidKeyUsageException"), errors.KeyMissing),
        (refused("InvalidCiphertextException"), errors.CorruptEnvelope),
        (refused("IncorrectKeyException"), errors.WrongKey),
        (refused("ThrottlingException"), errors.Unavailable),
        (refused("KMSInternalException"), errors.Unavailable),
        (refused("ExpiredTokenException"), errors.Unavailable),
        (EndpointConnectionError(endpoint_url="https://kms"), errors.Unavailable),
        (ReadTimeoutError(endpoint_url="https://kms"), errors.Unavailable),
    ],
    ids=lambda value: _code_of(value) if isinstance(value, Exception) else "",
)
def test_each_failure_of_kms_becomes_its_own_error(
    verb: str, failure: Exception, expected: type[Exception]
) -> None:
    arn = "arn:aws:kms:x:1:key/k"
    wrapper = KmsKeyWrapper(arn, lambda: FailingKms(failure))  # type: ignore[arg-type,return-value]  # the edge

    with pytest.raises(expected) as raised:
        wrapper.generate(CONTEXT) if verb == "encrypt" else wrapper.unwrap(b"wrapped", arn, CONTEXT)

    assert raised.type is expected
    assert raised.value.__cause__ is failure
    if expected is errors.Unavailable:
        said = f"{verb} failed: the key service is not available ({_code_of(failure)})"
        assert raised.value.message == said


def test_the_client_is_made_at_the_first_use_and_once(kms, kms_key_arn: str) -> None:
    made = []
    wrapper = KmsKeyWrapper(kms_key_arn, lambda: made.append(1) or kms)  # type: ignore[func-returns-value]  # counts
    assert made == []

    wrapper.generate(CONTEXT)
    wrapper.generate(CONTEXT)

    assert made == [1]
