"""template.yaml and functions/ say the same: what is in one only is either dead or undeployed."""

import os
import re
from functools import cache
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from local.function_files import FunctionFile, logical_id, read_functions
from local.intrinsics import read_yaml
from tests.support.tree import ROOT, function_files

AREAS = [
    "integrations",
    "phone_numbers",
    "email_accounts",
    "email_sync",
    "email_templates",
    "email_rules",
    "auto_replies",
    "ivr",
    "threads",
    "messages",
    "calls",
    "customers",
    "campaigns",
    "team",
    "audit",
    "status",
    "webhooks",
    "realtime",
    "maintenance",
    "platform",
]
BANNER = re.compile(r"  # ── ([a-z_]+) ─+")
RESOURCE = re.compile(r"  (\w+):\s*$")
MOST_RESOURCES = 425
"""CloudFormation takes 500 in one stack; below this there is time to think before it says so."""

TEMPLATE = read_yaml(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = read_functions()

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.operation)


def test_every_folder_is_deployed_once_and_every_function_has_its_folder() -> None:
    """A folder that the template forgot would pass all its tests and never run."""
    folders = [f"{file.parent.parent.name}/{file.parent.name}" for file in function_files()]
    deployed = [
        each["CodeUri"].removeprefix("functions/").rstrip("/")
        for each in _of("Serverless::Function").values()
    ]

    assert sorted(deployed) == sorted(folders)


def test_a_logical_id_is_area_and_folder() -> None:
    """So that a name in an alarm or a log leads to its folder without a search."""
    expected = {
        name: logical_id(*each["CodeUri"].removeprefix("functions/").rstrip("/").split("/"))
        for name, each in _of("Serverless::Function").items()
    }

    assert all(name == wanted for name, wanted in expected.items()), expected


def test_functions_stand_under_their_areas_banner_in_the_order_of_areas() -> None:
    """The one long file stays readable because it is an index."""
    banners = [banner for banner, _ in _stanzas()]
    misplaced = [
        f"{name} under {b}" for b, names in _stanzas() for name in names if _area_of(name) not in (b, None)
    ]
    unordered = [banner for banner in banners if banner not in AREAS]

    assert not misplaced, "\n".join(misplaced)
    assert not unordered, "\n".join(unordered)
    assert banners == sorted(banners, key=AREAS.index)
    assert set(banners) == {function.area for function in FUNCTIONS}


@every_function
def test_its_description_is_its_docstrings_sentence(function: FunctionFile) -> None:
    """Two descriptions of one thing drift apart; these are one."""
    assert RESOURCES[function.logical_id]["Properties"]["Description"] == function.summary


@every_function
def test_its_trigger_is_what_the_template_gives_it(function: FunctionFile) -> None:
    """A handler behind the wrong kind of trigger fails on its first real event, not before."""
    assert function.trigger in _triggers(function)


@every_function
def test_its_decorator_fits_its_trigger(function: FunctionFile) -> None:
    """Each decorator reads another shape of event."""
    name = function.logical_id
    expected = {
        "endpoint": bool(function.routes) and "/webhooks/" not in function.routes[0].path,
        "webhook": bool(function.routes) and "/webhooks/" in function.routes[0].path,
        "worker": name in _consumers(),
        "timer": bool(_schedules(name)),
        "socket": name in _socket_routes().values(),
        "deployment": not (function.routes or name in _consumers() or _schedules(name) or _is_socket(name)),
    }

    assert [kind for kind, fits in expected.items() if fits] == [function.kind]


@pytest.mark.parametrize("name", sorted(r for r in RESOURCES if r.endswith("Source")))
def test_a_worker_reports_single_failures_and_has_a_dead_letter_queue(name: str) -> None:
    """One poisoned item must neither take its batch along nor come back for ever."""
    source = RESOURCES[name]["Properties"]
    queue = RESOURCES[source["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
    dead_letters = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]

    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert RESOURCES[dead_letters]["Type"] == "AWS::SQS::Queue"
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5


@pytest.mark.parametrize("name", sorted(r for r in RESOURCES if r.endswith("Source")))
def test_a_queue_hides_an_item_for_six_of_its_workers_timeouts(name: str) -> None:
    """AWS's own advice: shorter, and an item is handed out again while the first worker still holds it."""
    source = RESOURCES[name]["Properties"]
    queue = RESOURCES[source["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
    worker = RESOURCES[_function_of(source["FunctionName"])]["Properties"]

    assert queue["VisibilityTimeout"] >= 6 * worker["Timeout"]


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.kind == "timer"], ids=lambda f: f.operation)
def test_a_timer_has_a_dead_letter_queue(function: FunctionFile) -> None:
    """A tick that could not start leaves a trace that rings."""
    for properties in _schedules(function.logical_id):
        letters = properties["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]

        assert RESOURCES[letters]["Type"] == "AWS::SQS::Queue"


@pytest.mark.parametrize("name", sorted(r for r in RESOURCES if r.endswith("DeadLetters")))
def test_dead_letters_ring(name: str) -> None:
    """A dead letter that nobody hears of is lost work."""
    watched = [
        dimension["Value"].get("Fn::GetAtt", [""])[0]
        for alarm in _of("CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    ]

    assert name in watched


def test_nothing_behind_the_http_api_may_outlast_its_thirty_seconds() -> None:
    """API Gateway hangs up after 30 s; a function that goes on works for nobody."""
    default = TEMPLATE["Globals"]["Function"]["Timeout"]
    timeouts = {
        each.logical_id: RESOURCES[each.logical_id]["Properties"].get("Timeout", default)
        for each in FUNCTIONS
        if each.routes
    }

    assert {name: seconds for name, seconds in timeouts.items() if seconds > 30} == {}


def test_no_route_is_served_twice() -> None:
    """CloudFormation would deploy the last and say nothing."""
    routes = [f"{route.method} {route.path}" for each in FUNCTIONS for route in each.routes]

    assert sorted(routes) == sorted(set(routes))


def test_the_template_gives_every_setting_and_no_unknown_one() -> None:
    """A variable that only one side knows is a setting that silently does nothing."""
    from dataclasses import fields

    from banxway.settings import Settings

    known = {declared.metadata["variable"] for declared in fields(Settings)}
    given = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    for properties in _of("Serverless::Function").values():
        given |= set(properties.get("Environment", {}).get("Variables", {}))

    assert {name for name in given - known if not name.startswith("POWERTOOLS_")} == set()
    assert known - given == {"AWS_LAMBDA_FUNCTION_NAME", "SEND_WAIT_SECONDS"}, (
        "set by Lambda; default is enough"
    )


def test_a_worker_that_enqueues_for_itself_is_not_taken_for_a_runaway() -> None:
    """Lambda stops a function that keeps feeding its own queue after about 16 rounds, unless told not to."""
    functions = _of("Serverless::Function")
    feeding = {
        _function_of(source["FunctionName"])
        for source in _of("Lambda::EventSourceMapping").values()
        if _enqueues(functions[_function_of(source["FunctionName"])])
        & {source["EventSourceArn"]["Fn::GetAtt"][0]}
    }

    assert "MaintenanceRotateEncryption" in feeding
    for name in feeding:
        assert _expanded()["Resources"][name]["Properties"]["RecursiveLoop"] == "Allow"


def test_no_function_but_the_migrator_is_deployed_before_the_schema_is() -> None:
    """New code that meets an old schema fails for everybody until the migrations have run."""
    resources = _expanded()["Resources"]
    (product,) = [name for name in resources if name.startswith("BanxwayLayer")]
    functions = {name: each for name, each in resources.items() if each["Type"] == "AWS::Lambda::Function"}
    waiting = {name for name, each in functions.items() if {"Ref": product} in each["Properties"]["Layers"]}

    assert resources[product]["DependsOn"] == "Migration"
    assert functions.keys() - waiting == {"PlatformMigrate"}
    assert resources["Migration"]["Properties"]["ServiceToken"] == {"Fn::GetAtt": ["PlatformMigrate", "Arn"]}


def test_it_expands_to_fewer_resources_than_a_stack_may_hold() -> None:
    """SAM makes several resources of one line; the limit is met in production first."""
    assert len(_expanded()["Resources"]) < MOST_RESOURCES


def _enqueues(function: dict[str, Any]) -> set[str]:
    """Return the queues that a function's policies let it send to."""
    statements = [
        statement
        for policy in function.get("Policies", [])
        for statement in RESOURCES[policy["Ref"]]["Properties"]["PolicyDocument"]["Statement"]
    ]
    return {each["Resource"]["Fn::GetAtt"][0] for each in statements if each["Action"] == "sqs:SendMessage"}


def _of(kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: each.get("Properties", {}) for name, each in RESOURCES.items() if each["Type"] == f"AWS::{kind}"
    }


def _stanzas() -> list[tuple[str, list[str]]]:
    """Return each area's banner and the resources below it."""
    stanzas: list[tuple[str, list[str]]] = []
    is_of_an_area = False
    for line in (ROOT / "template.yaml").read_text().splitlines():
        banner, resource = BANNER.match(line), RESOURCE.match(line)
        if line.startswith("  # ── "):
            is_of_an_area = banner is not None
        if banner:
            stanzas.append((banner[1], []))
        elif resource and is_of_an_area:
            stanzas[-1][1].append(resource[1])
    return stanzas


def _area_of(name: str) -> str | None:
    """Return the area of a function, or of what belongs to one by its name; None for other resources."""
    owners = [
        function for function in FUNCTIONS if name in (function.logical_id, f"{function.logical_id}Source")
    ]
    if RESOURCES[name]["Type"] == "AWS::Serverless::Function":
        assert owners, f"{name} has no folder"
    return owners[0].area if owners else None


def _triggers(function: FunctionFile) -> list[str]:
    if function.routes:
        return [f"{function.routes[0].method} {function.routes[0].path}"]
    if schedules := _schedules(function.logical_id):
        return [_in_words(each["ScheduleExpression"]) for each in schedules]
    if _is_socket(function.logical_id):
        return [route for route, name in _socket_routes().items() if name == function.logical_id]
    if function.logical_id in _consumers():
        return [function.trigger] if function.trigger.startswith("Queue of ") else ["Queue of …"]
    tokens = [
        each["Properties"]["ServiceToken"]
        for each in RESOURCES.values()
        if each["Type"].startswith("Custom::")
    ]
    runs_itself = function.logical_id in [_function_of(token) for token in tokens]
    return (
        ["Every deployment"] if runs_itself else [function.trigger] * function.trigger.startswith("By hand")
    )


def _in_words(expression: str) -> str:
    rate = re.fullmatch(r"rate\((\d+) (\w+)\)", expression)
    assert rate, f"say in words what {expression} means"
    return f"Every {rate[2]}" if rate[1] == "1" else f"Every {rate[1]} {rate[2]}"


def _schedules(name: str) -> list[dict[str, Any]]:
    events = RESOURCES[name]["Properties"].get("Events", {}).values()
    return [event["Properties"] for event in events if event["Type"] == "ScheduleV2"]


def _consumers() -> set[str]:
    return {_function_of(each["FunctionName"]) for each in _of("Lambda::EventSourceMapping").values()}


def _socket_routes() -> dict[str, str]:
    apis = _of("Serverless::WebSocketApi").values()
    return {route: _function_of(each["FunctionArn"]) for api in apis for route, each in api["Routes"].items()}


def _is_socket(name: str) -> bool:
    return name in _socket_routes().values()


def _function_of(reference: dict[str, Any]) -> str:
    """Return the logical id in `!Ref Name` or `!GetAtt Name.Arn`."""
    return str(reference.get("Ref") or reference["Fn::GetAtt"][0])


@cache
def _expanded() -> dict[str, Any]:
    """Return the template as SAM would deploy it, with code addresses as if `sam package` had run."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-south-1")
    fragment = read_yaml(ROOT / "template.yaml")
    for resource in fragment["Resources"].values():
        for key in ("CodeUri", "ContentUri"):
            if key in resource.get("Properties", {}):
                resource["Properties"][key] = "s3://bucket/code"
    parameters = {name: each.get("Default", "given") for name, each in fragment["Parameters"].items()}
    expanded: dict[str, Any] = transform(fragment, parameters, _NoManagedPolicies())
    return expanded


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}
