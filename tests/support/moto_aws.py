"""AWS as moto answers it, to single clients: `mock_aws` would take a tenth of a second to begin, in every test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

_ACCOUNT, _REGION = "123456789012", "ap-south-1"


def moto_client(service: str) -> Any:
    """Make a client of a service whose every request moto answers."""
    import boto3
    from moto.core.botocore_stubber import BotocoreStubber

    client = boto3.client(
        service, region_name=_REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )
    moto = BotocoreStubber()
    moto.enabled = True
    client.meta.events.register("before-send", moto)
    return client


@cache
def sqs_client() -> Any:
    """Return one client for all tests: botocore reads its service model anew for each."""
    return moto_client("sqs")


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
