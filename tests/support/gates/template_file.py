"""template.yaml as the tests of tests/project read it, and the functions beside it.

Nothing is read before a test asks, and what cannot be read fails that test with a sentence.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.gates.tree import ROOT, function_files, shown

if TYPE_CHECKING:
    from banxway.models.queue_items import QueueItem
    from local.function_files import FunctionFile

TEMPLATE = ROOT / "template.yaml"
HELD_BY_ALL = "MayWriteLogsAndTraces"
"""The policy that every role of a function holds."""

PARTS = {
    "content": ("Content", f"{'-'.join('?' * each for each in (8, 4, 4, 4, 12))}/*"),
    "uploads": ("Uploads", "_uploads/*"),
    "ledger-epoch": ("Epoch", "_system/ledger-epoch"),
    "audit-heads": ("Anchors", "_system/audit-heads/*"),
    "audit-archives": ("Manifests", "_system/audit-archives/*"),
}
"""The parts of the bucket: what the policies that read and store there call each, and its objects.

An organization's content lies under its id, which a policy can only describe by its length and hyphens; the names of
all other objects begin otherwise.
"""


@cache
def template() -> dict[str, Any]:
    """Return the whole template, its intrinsic functions as mappings such as {"Ref": "BlobBucket"}."""
    from local.intrinsics import read_yaml

    try:
        return read_yaml(TEMPLATE)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the test says so
        problem = " ".join(str(error).split())
    pytest.fail(f"template.yaml cannot be read: {problem}", pytrace=False)


def resources() -> dict[str, Any]:
    """Return every resource by its logical id."""
    found: dict[str, Any] = template().get("Resources") or {}
    return found


def of(kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of every resource of a kind, such as "SQS::Queue"."""
    return {
        name: each.get("Properties") or {}
        for name, each in resources().items()
        if each.get("Type") == f"AWS::{kind}"
    }


def deployed() -> dict[str, dict[str, Any]]:
    """Return the properties of every function, each with what Globals give it."""
    shared = template().get("Globals", {}).get("Function", {})
    return {name: {**shared, **each} for name, each in of("Serverless::Function").items()}


def folder_of(properties: dict[str, Any]) -> str:
    """Return a function's folder by its properties, such as "threads/get"."""
    return str(properties.get("CodeUri", "")).removeprefix("functions/").rstrip("/")


def named(value: Any) -> str:
    """Return the logical id in `!Ref Name` or `!GetAtt Name.Arn`, or an empty text."""
    if not isinstance(value, dict):
        return ""
    return str(value.get("Ref") or (value.get("Fn::GetAtt") or [""])[0])


def role_of(name: str) -> str:
    """Return the role that a function has, by its logical id."""
    return named(of("Serverless::Function").get(name, {}).get("Role"))


def policies_in(role: str) -> set[str]:
    """Return the policies that a role holds: those that it names, and those that are written in it."""
    properties = of("IAM::Role").get(role, {})
    written = {str(each.get("PolicyName")) for each in properties.get("Policies", [])}
    return written | {named(policy) for policy in properties.get("ManagedPolicyArns", [])}


def policies_of(name: str) -> set[str]:
    """Return the policies that a function holds by its role, without the one that every function holds."""
    return policies_in(role_of(name)) - {HELD_BY_ALL}


def documents() -> list[tuple[str, str, dict[str, Any]]]:
    """Return every policy's document with its name and where it is written; some are written in two roles."""
    shared = [(name, name, each.get("PolicyDocument", {})) for name, each in of("IAM::ManagedPolicy").items()]
    written = [
        (str(each.get("PolicyName")), role, each.get("PolicyDocument", {}))
        for role, properties in of("IAM::Role").items()
        for each in properties.get("Policies", [])
    ]
    return shared + written


def consumers() -> dict[str, str]:
    """Return the function that consumes each queue."""
    return {
        named(each.get("EventSourceArn")): named(each.get("FunctionName"))
        for each in of("Lambda::EventSourceMapping").values()
    }


def queue_items() -> "dict[str, type[QueueItem]]":
    """Return the class of every queue's items, by the queue's logical id."""
    from banxway.models.queue_items import queues

    return {logical_queue(name): item for name, item in queues().items()}


def logical_queue(name: str) -> str:
    """Return the logical id of a queue by its name: DeadLetterQueue for "dead_letter"."""
    return f"{name.title().replace('_', '')}Queue"


def plurals() -> dict[str, str]:
    """Return what the policies call the items of each queue: those of MailboxQueue are Mailboxes."""
    singulars = {name: name.removesuffix("Queue") for name in queue_items()}
    return {name: f"{each}es" if each.endswith("x") else f"{each}s" for name, each in singulars.items()}


def schedules(name: str) -> list[dict[str, Any]]:
    """Return the properties of a function's schedules."""
    events = of("Serverless::Function").get(name, {}).get("Events", {}).values()
    return [event["Properties"] for event in events if event["Type"] == "ScheduleV2"]


def socket_routes() -> dict[str, str]:
    """Return the function behind each route of the WebSocket API."""
    return {
        route: named(each.get("FunctionArn"))
        for api in of("Serverless::WebSocketApi").values()
        for route, each in api.get("Routes", {}).items()
    }


def functions() -> "list[FunctionFile]":
    """Return every function that can be read; test_function_files.py names the others."""
    return _read()[0]


def deployed_functions() -> "list[FunctionFile]":
    """Return every function that the template deploys; one test alone names the others."""
    return [each for each in functions() if each.logical_id in of("Serverless::Function")]


def unreadable_functions() -> list[str]:
    """Return a sentence for each function that cannot be imported, or does not say what it is for."""
    return _read()[1]


def function(name: str) -> "FunctionFile | None":
    """Return a function by its logical id."""
    return next((each for each in functions() if each.logical_id == name), None)


@cache
def _read() -> "tuple[list[FunctionFile], list[str]]":
    from local.function_files import read_function

    order = {name: place for place, name in enumerate(resources())}
    found, problems = [], []
    for file in function_files():
        try:
            read = read_function(file.parent, resources())
            assert read.kind
            found.append(read)
        except StopIteration:
            problems.append(f"{shown(file)}: its handler has none of the decorators")
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, a test says so
            problems.append(f"{shown(file)} cannot be read: {type(error).__name__}: {error}")
    return sorted(found, key=lambda each: (order.get(each.logical_id, len(order)), each.operation)), problems


@cache
def expanded() -> dict[str, Any]:
    """Return the template as SAM would deploy it, with code addresses as if `sam package` had run."""
    return expand(template())


def expand(fragment: dict[str, Any], *, changed: str = "") -> dict[str, Any]:
    """Return a template as SAM would deploy it.

    Code has the address that `sam package` would give it, which contains a hash of its folder; the folder `changed`
    has another hash.
    """
    import copy

    from samtranslator.translator.transform import transform

    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-south-1")
    copied = copy.deepcopy(fragment)
    for resource in copied["Resources"].values():
        for key in ("CodeUri", "ContentUri"):
            if folder := resource.get("Properties", {}).get(key):
                version = "second" if folder == changed else "first"
                resource["Properties"][key] = f"s3://bucket/{folder.replace('/', '-')}{version}"
    parameters = {name: each.get("Default", "given") for name, each in copied["Parameters"].items()}
    try:
        found: dict[str, Any] = transform(copied, parameters, _NoManagedPolicies())
        return found
    except Exception as error:  # noqa: BLE001  # SAM says what is wrong in its own words
        problem = str(error)
    pytest.fail(f"SAM cannot deploy template.yaml: {problem}", pytrace=False)


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}
