"""The names and addresses that the template's parameters and resources have on this machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT = "012345678912"  # the account that AWS's emulator puts into every function's own ARN
REGION = "us-east-1"

_FUNCTION = "AWS::Serverless::Function"
_QUEUE = "AWS::SQS::Queue"
# There is no bucket and no key service here: the settings that name them stay empty, and BLOB_FOLDER and
# ENCRYPTION_MASTER_KEY are used instead, as the guide for one machine says.
_NOTHING_HERE = ("AWS::S3::Bucket", "AWS::KMS::Key")


@dataclass(frozen=True)
class Addresses:
    """Where the gateway and the queues listen."""

    api: str
    sqs: str

    @property
    def websocket(self) -> str:
        """Return the gateway's address with the scheme ws."""
        return "ws" + self.api.removeprefix("http")

    def queue_url(self, name: str) -> str:
        """Return a queue's URL."""
        return f"{self.sqs}/{ACCOUNT}/{name}"

    def localized(self, text: str) -> str:
        """Return a text in which the gateway's address, with its scheme, replaces that of any API on AWS."""
        host = r"[A-Za-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com"
        return re.sub(f"https://{host}", self.api, re.sub(f"wss://{host}", self.websocket, text))


def queue_name(logical_id: str, properties: Mapping[str, Any]) -> str:
    """Return the local name of a queue: its logical id, as AWS's names begin with it too."""
    fifo = str(properties.get("FifoQueue", "false")).lower() == "true"
    return logical_id + (".fifo" if fifo else "")


def function_of(arn: str) -> str:
    """Return the logical id that a function's local ARN carries."""
    match = re.search(r":function:([A-Za-z0-9]+)", arn)
    if not match:
        raise ValueError(f"not a function's ARN: {arn}")
    return match[1]


def queue_arn(name: str) -> str:
    """Return a queue's ARN."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def references(resources: Mapping[str, Any], addresses: Addresses) -> dict[str, str]:
    """Return what `Ref` yields for every resource and for AWS itself."""
    found = {
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::StackName": "local",
    }
    for name, resource in resources.items():
        if resource["Type"] == _QUEUE:
            found[name] = addresses.queue_url(queue_name(name, resource.get("Properties", {})))
        elif resource["Type"] == _FUNCTION:
            found[name] = _function_arn(name)
        else:
            found[name] = "" if resource["Type"] in _NOTHING_HERE else name
    return found


def attribute(resources: Mapping[str, Any], name: str, wanted: str) -> str:
    """Return what `GetAtt` yields."""
    resource = resources[name]
    if resource["Type"] == _QUEUE:
        local = queue_name(name, resource.get("Properties", {}))
        return local if wanted == "QueueName" else queue_arn(local)
    if resource["Type"] == _FUNCTION:
        return _function_arn(name)
    if resource["Type"] in _NOTHING_HERE:
        return ""
    return f"{name}.{wanted}"


def _function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
