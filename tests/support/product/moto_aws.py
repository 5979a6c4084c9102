"""AWS as moto answers it, to single clients: `mock_aws` would take a tenth of a second to begin, in every test.

What moto stores lives as long as the test process. So a test uses names of its own, as `queues_at` and `bucket`
do, and sees nothing of another test.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any, cast
from uuid import uuid4

_ACCOUNT, _REGION = "123456789012", "ap-south-1"


def answered_by_moto(client: Any) -> Any:
    """Let moto answer every request of a boto3 or botocore client, and return the client."""
    from moto.core.botocore_stubber import BotocoreStubber

    moto = BotocoreStubber()
    moto.enabled = True
    client.meta.events.register("before-send", moto)
    return client


def moto_client(service: str) -> Any:
    """Make a client of a service whose every request moto answers."""
    import boto3

    return answered_by_moto(
        boto3.client(service, region_name=_REGION, aws_access_key_id="test", aws_secret_access_key="test")
    )


@cache
def shared_client(service: str) -> Any:
    """Return one client of a service for all tests: botocore reads the service's model again for each client."""
    return moto_client(service)


def sqs_client() -> Any:
    """Return the tests' client of SQS."""
    return shared_client("sqs")


@contextmanager
def queues_at(urls: Sequence[str]) -> Iterator[None]:
    """Let queues exist at their URLs while the block runs."""
    from moto.sqs.models import sqs_backends

    backend = sqs_backends[_ACCOUNT][_REGION]
    names = [url.rpartition("/")[2] for url in urls]
    for name in names:
        backend.create_queue(name)
    yield
    for name in names:
        backend.queues.pop(name, None)


@contextmanager
def bucket(*, is_versioned: bool = False) -> Iterator[str]:
    """Let an empty bucket exist while the block runs, and yield its name."""
    from moto.s3.models import s3_backends

    client, name = shared_client("s3"), f"bucket-{uuid4().hex}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": _REGION})
    if is_versioned:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    yield name
    s3_backends[_ACCOUNT]["aws"].buckets.pop(name)


@contextmanager
def user_pool() -> Iterator[str]:
    """Let an empty user pool exist, like template.yaml's, while the block runs, and yield its id."""
    _let_moto_do_without_tokens()
    client = shared_client("cognito-idp")
    made = client.create_user_pool(
        PoolName="pool",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )
    pool_id: str = made["UserPool"]["Id"]
    yield pool_id
    client.delete_user_pool(UserPoolId=pool_id)


def _let_moto_do_without_tokens() -> None:
    """Stand in for the library with which moto signs a pool's tokens: no test asks moto for one."""
    key = SimpleNamespace(RSAKey=SimpleNamespace(import_key=lambda _: None))
    sys.modules.setdefault("joserfc", cast("ModuleType", SimpleNamespace(jwk=key, jwt=None)))
