"""Generates, wraps and unwraps data keys: by KMS, or by a master key on a machine without KMS.

A wrapper never sees what is encrypted, only the 32-byte data key, which it wraps together with a context. The same
context is needed to unwrap it, so that one organization's wrapped key is useless in another's row.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, Protocol

from banxway import errors
from banxway.reasons import Reason

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_kms import KMSClient

_NONCE_BYTES = 12
_KEY_BYTES = 32
_WRAP_LABEL = b"banxway data key v1\0"
_FINGERPRINT_LABEL = b"banxway master key fingerprint v1\0"

# https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html, "Errors"
_KMS_REFUSES_THE_KEY = {
    "AccessDeniedException": Reason.KMS_ACCESS_DENIED,
    "DisabledException": Reason.KMS_KEY_DISABLED,
    "InvalidKeyUsageException": Reason.KMS_KEY_NOT_FOUND,
    "KMSInvalidStateException": Reason.KMS_KEY_DISABLED,
    "NotFoundException": Reason.KMS_KEY_NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class DataKey:
    """A 32-byte data key in plaintext, the same key wrapped, and the id of the key that wraps it."""

    plaintext: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    key_id: str


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A wrapped data key, and the id of the key that wraps it."""

    wrapped: bytes = field(repr=False)
    key_id: str


class KeyWrapper(Protocol):
    """Generates data keys and unwraps them; raises subclasses of DecryptionFailed, or Unavailable."""

    def generate(self, context: Mapping[str, str]) -> DataKey:
        """Return a new random data key, wrapped under the current key together with the context."""
        ...

    def unwrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> bytes:
        """Return the data key. Raises WrongKey, KeyMissing, CorruptEnvelope or Unavailable."""
        ...

    def rewrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> WrappedKey:
        """Return the same data key wrapped under the current key. Raises what `unwrap` does."""
        ...


class NoKeyWrapper:
    """The wrapper of a deployment without a key: functions that encrypt nothing still start."""

    def generate(self, context: Mapping[str, str]) -> NoReturn:  # noqa: ARG002 -- the role's signature
        """Raise KeyMissing."""
        raise errors.KeyMissing(
            "encrypt failed: no encryption key is set; set ENCRYPTION_KEY_ARN or ENCRYPTION_MASTER_KEY",
            reason=Reason.ENCRYPTION_KEY_MISSING,
        )

    def unwrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> NoReturn:  # noqa: ARG002 -- same
        """Raise KeyMissing."""
        raise errors.KeyMissing(
            "decrypt failed: no encryption key is set; restore ENCRYPTION_KEY_ARN or ENCRYPTION_MASTER_KEY",
            reason=Reason.ENCRYPTION_KEY_MISSING,
        )

    def rewrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> NoReturn:
        """Raise KeyMissing."""
        self.unwrap(wrapped, key_id, context)


class MasterKeyWrapper:
    """Wraps data keys under a master key from the environment, for a machine without KMS.

    New data keys are wrapped under the current key; the previous one only unwraps, while a rotation lasts.
    A key's id is a fingerprint from which the key cannot be computed. Raises SettingsError for an invalid key.
    """

    def __init__(self, current_b64: str, previous_b64: str | None = None) -> None:
        current = _master_key("ENCRYPTION_MASTER_KEY", current_b64)
        self._current_id = _fingerprint(current)
        self._keys = {self._current_id: current}
        if previous_b64:
            previous = _master_key("ENCRYPTION_PREVIOUS_MASTER_KEY", previous_b64)
            self._keys.setdefault(_fingerprint(previous), previous)

    def generate(self, context: Mapping[str, str]) -> DataKey:
        """Return a new random data key, wrapped under the current master key."""
        plaintext = os.urandom(_KEY_BYTES)
        return DataKey(plaintext, self._wrap(plaintext, context), self._current_id)

    def unwrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> bytes:
        """Return the data key. Raises WrongKey (wrapped by another key) or CorruptEnvelope (altered, or moved)."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        master = self._keys.get(key_id)
        if master is None:
            raise errors.WrongKey(
                "decrypt failed: the encryption key changed; restore the original ENCRYPTION_MASTER_KEY"
            )
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(master).decrypt(nonce, sealed, _wrap_binding(context))
        except (InvalidTag, ValueError) as error:
            raise errors.CorruptEnvelope("decrypt failed: the wrapped key was altered or moved") from error

    def rewrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> WrappedKey:
        """Unwrap with the master key that wrapped it, and wrap under the current one. Raises what `unwrap` does."""
        return WrappedKey(self._wrap(self.unwrap(wrapped, key_id, context), context), self._current_id)

    def _wrap(self, plaintext: bytes, context: Mapping[str, str]) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._keys[self._current_id]).encrypt(nonce, plaintext, _wrap_binding(context))


class KmsKeyWrapper:
    """Wraps data keys under one KMS key, with the context as KMS encryption context (reference/aws.md, 10).

    Keys that a previous KMS key wrapped can still be unwrapped; `previous_arn` is that key's own ARN, not an alias.
    The yearly renewal of a key's material by AWS needs nothing from us: the ARN stays, and KMS finds the material.
    """

    def __init__(
        self, arn: str, client_factory: "Callable[[], KMSClient]", *, previous_arn: str | None = None
    ) -> None:
        self._arn = arn
        self._previous_arn = previous_arn
        self._client_factory = client_factory
        self._client: KMSClient | None = None

    def generate(self, context: Mapping[str, str]) -> DataKey:
        """Return a data key that KMS generates. Raises KeyMissing or Unavailable."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._kms().generate_data_key(
                KeyId=self._arn, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        except (BotoCoreError, ClientError) as error:
            raise _kms_failure(error, verb="encrypt") from error
        return DataKey(answer["Plaintext"], answer["CiphertextBlob"], answer["KeyId"])

    def unwrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> bytes:
        """Return the data key; KMS refuses any context except the one it was generated with."""
        from botocore.exceptions import BotoCoreError, ClientError

        arn = self._arn_of(key_id)
        try:
            # With our key's id given, KMS refuses a key that was wrapped under another KMS key.
            answer = self._kms().decrypt(KeyId=arn, CiphertextBlob=wrapped, EncryptionContext=dict(context))
        except (BotoCoreError, ClientError) as error:
            raise _kms_failure(error, verb="decrypt") from error
        if answer["KeyId"] != key_id:
            raise errors.CorruptEnvelope("decrypt failed: the envelope names another key than its own")
        return answer["Plaintext"]

    def rewrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> WrappedKey:
        """Let KMS re-encrypt the data key under the current key; it never leaves KMS in plaintext."""
        from botocore.exceptions import BotoCoreError, ClientError

        arn = self._arn_of(key_id)
        try:
            answer = self._kms().re_encrypt(
                CiphertextBlob=wrapped,
                SourceKeyId=arn,
                SourceEncryptionContext=dict(context),
                DestinationKeyId=self._arn,
                DestinationEncryptionContext=dict(context),
            )
        except (BotoCoreError, ClientError) as error:
            raise _kms_failure(error, verb="decrypt") from error
        if answer["SourceKeyId"] != key_id:
            raise errors.CorruptEnvelope("decrypt failed: the envelope names another key than its own")
        return WrappedKey(answer["CiphertextBlob"], answer["KeyId"])

    def _arn_of(self, key_id: str) -> str:
        if key_id == self._previous_arn:
            return key_id
        if _names_another_key(key_id, self._arn):
            raise _wrong_kms_key()
        return self._arn

    def _kms(self) -> "KMSClient":
        if self._client is None:
            self._client = self._client_factory()
        return self._client


def _master_key(variable: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.SettingsError(
            f"{variable} is not valid base64", reason=Reason.ENCRYPTION_KEY_INVALID
        ) from error
    if len(key) != _KEY_BYTES:
        raise errors.SettingsError(
            f"{variable} must be {_KEY_BYTES} bytes in base64, not {len(key)}",
            reason=Reason.ENCRYPTION_KEY_INVALID,
        )
    return key


def _fingerprint(key: bytes) -> str:
    return "master:" + hashlib.sha256(_FINGERPRINT_LABEL + key).hexdigest()[:16]


def _wrap_binding(context: Mapping[str, str]) -> bytes:
    return _WRAP_LABEL + json.dumps(dict(context), sort_keys=True).encode()


def _names_another_key(key_id: str, arn: str) -> bool:
    """Return whether an envelope's key id is certainly not this KMS key's; only KMS itself can resolve an alias."""
    return not key_id.startswith("arn:") or (":key/" in arn and key_id != arn)


def _wrong_kms_key() -> errors.WrongKey:
    return errors.WrongKey(
        "decrypt failed: the encryption key changed; restore the original ENCRYPTION_KEY_ARN"
    )


def _kms_failure(error: "BotoCoreError | ClientError", *, verb: str) -> errors.BanxwayError:
    from botocore.exceptions import ClientError

    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    if code in _KMS_REFUSES_THE_KEY:
        return errors.KeyMissing(
            f"{verb} failed: KMS refuses the key in ENCRYPTION_KEY_ARN ({code}); enable it and allow its use",
            reason=_KMS_REFUSES_THE_KEY[code],
        )
    if code == "IncorrectKeyException":
        return _wrong_kms_key()
    if code == "InvalidCiphertextException":
        return errors.CorruptEnvelope("decrypt failed: the wrapped key was altered or moved")
    return errors.Unavailable(
        f"{verb} failed: the key service is not available ({code})", reason=Reason.KEY_SERVICE_DOWN
    )
