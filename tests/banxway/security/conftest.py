"""Keys, clocks and a KMS that every security test may ask for."""

import base64
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import MasterKeyWrapper
from tests.support.clocks import SetClock

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def new_master_key() -> Callable[[], str]:
    return lambda: base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def envelope(clock: SetClock, new_master_key: Callable[[], str]) -> Envelope:
    return Envelope(MasterKeyWrapper(new_master_key()), clock=clock)


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> "Iterator[KMSClient]":
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    with mock_aws():
        import boto3

        yield boto3.client("kms", region_name="ap-south-1")


@pytest.fixture
def kms_key_arn(kms: "KMSClient") -> str:
    return kms.create_key()["KeyMetadata"]["Arn"]
