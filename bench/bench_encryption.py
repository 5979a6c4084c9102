"""Encrypt and decrypt per second, against aws-encryption-sdk with its caching materials manager over the same KMS.

Both keep their data key in memory after the first call, under the same KMS key (moto's, in this process), with the
same context; what is encrypted is as long as an integration's credentials. The SDK does more: it derives a key for
each message and writes its context into it, where we bind ciphertext to its row. It is measured with its default
suite, which signs every message, and with the faster one that does not.
"""

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from measuring import Figures, per_second, report, time_in_turn

ROUNDS = 30
CALLS = 100
PLAINTEXT = (
    b'{"account_sid": "your_exotel_sid", "api_key": "your_api_key", "api_token": "your_api_token"}'.ljust(200)
)
ORGANIZATION, ROW = uuid4(), uuid4()
CONTEXT = {"organization_id": str(ORGANIZATION), "purpose": "credentials"}

OURS, UNSIGNED, SIGNED = "banxway", "aws-encryption-sdk, unsigned", "aws-encryption-sdk, default"
Pair = tuple[Callable[[], Any], Callable[[], bytes]]


def ours(kms: Any, arn: str) -> Pair:
    """Return our encryption and decryption of one credential."""
    from banxway.clock import SYSTEM_CLOCK
    from banxway.security.envelope import Binding, Envelope
    from banxway.security.key_wrappers import KmsKeyWrapper

    envelope = Envelope(KmsKeyWrapper(arn, lambda: kms), clock=SYSTEM_CLOCK)
    binding = Binding(ORGANIZATION, "integration_credentials", ROW)
    text = envelope.encrypt(PLAINTEXT, binding=binding)
    return (
        lambda: envelope.encrypt(PLAINTEXT, binding=binding),
        lambda: envelope.decrypt(text, binding=binding),
    )


def theirs(arn: str, *, signed: bool) -> Pair:
    """Return the SDK's encryption and decryption, with keys cached as long as ours are."""
    import aws_encryption_sdk as sdk

    names = sdk.Algorithm
    suite = (
        names.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
        if signed
        else names.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
    )
    client = sdk.EncryptionSDKClient()
    materials = sdk.CachingCryptoMaterialsManager(
        master_key_provider=sdk.StrictAwsKmsMasterKeyProvider(key_ids=[arn]),
        cache=sdk.LocalCryptoMaterialsCache(256),
        max_age=300.0,
    )

    def encrypt() -> bytes:
        sealed, _ = client.encrypt(
            source=PLAINTEXT, materials_manager=materials, encryption_context=CONTEXT, algorithm=suite
        )
        return bytes(sealed)

    sealed = encrypt()
    return encrypt, lambda: bytes(client.decrypt(source=sealed, materials_manager=materials)[0])


def check_agreement(pairs: dict[str, Pair]) -> None:
    """Raise RuntimeError if a subject does not return what was encrypted: only equal work is compared."""
    for name, (_, decrypt) in pairs.items():
        if decrypt() != PLAINTEXT:
            raise RuntimeError(f"{name} does not return what was encrypted")


def measure(subjects: dict[str, Callable[[], Any]]) -> Figures:
    """Return each subject's calls per second, round by round."""

    def many(call: Callable[[], Any]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(CALLS):
                call()

        return run

    took = time_in_turn({name: many(call) for name, call in subjects.items()}, rounds=ROUNDS)
    return {name: [CALLS / each for each in values] for name, values in took.items()}


def main() -> None:
    """Print both tables."""
    from moto import mock_aws

    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[variable] = "bench"
    os.environ["AWS_DEFAULT_REGION"] = "ap-south-1"
    with mock_aws():
        import boto3

        kms = boto3.client("kms")
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        pairs = {OURS: ours(kms, arn), UNSIGNED: theirs(arn, signed=False), SIGNED: theirs(arn, signed=True)}
        check_agreement(pairs)
        baselines = {OURS: [UNSIGNED, SIGNED]}
        for title, place in (("Encrypt", 0), ("Decrypt", 1)):
            figures = measure({name: pair[place] for name, pair in pairs.items()})
            report(
                f"{title} {len(PLAINTEXT)} bytes, {CALLS} a round, warm keys",
                figures,
                baselines=baselines,
                shown=per_second,
            )


if __name__ == "__main__":
    main()
