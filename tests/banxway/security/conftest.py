"""Keys, clocks and a KMS for the security tests."""

import base64
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from banxway.security.envelope import Envelope
from banxway.security.key_wrappers import MasterKeyWrapper
from tests.support.product.moto_aws import shared_client
from tests.support.timing.clocks import SetClock

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
def kms() -> "KMSClient":
    return cast("KMSClient", shared_client("kms"))


@pytest.fixture
def kms_key_arn(kms: "KMSClient") -> str:
    return kms.create_key()["KeyMetadata"]["Arn"]
