"""A stack holds 500 resources: the template stays far below, and so does the one with every area that is to come.

What is to come is written into a copy of the template as the existing parts are written, and expanded by SAM. So this
test counts what SAM makes of a function today, not what somebody once counted.
"""

import copy
from collections import Counter
from typing import Any

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import HELD_BY_ALL, expand, expanded, functions, of, template

CLOUDFORMATION_TAKES = 500
MOST_NOW = 330
MOST_WITH_ALL = 470

FUNCTIONS = {"endpoint": 131, "webhook": 9, "worker": 14, "timer": 9, "socket": 2, "deployment": 5}
"""The functions of the finished product by kind, 170 in all.

The 101 of November 2026, and 69 in the proportions that a production review found in the areas to come: 36 endpoints,
4 receivers, 4 workers and a timer among 45.
"""

RESOURCES = {
    "AWS::Cognito::UserPool": 1,
    "AWS::Cognito::UserPoolClient": 1,
    "AWS::Cognito::UserPoolDomain": 1,
    "AWS::CloudWatch::Dashboard": 1,
    # Two of each kind, since one takes ten metrics; throttles, silent timers and silent receivers beside them.
    "AWS::CloudWatch::Alarm": 12,
    "AWS::CloudFront::Distribution": 1,
    "AWS::CloudFront::OriginAccessControl": 1,
    "AWS::CloudFront::ResponseHeadersPolicy": 1,
    "AWS::CloudFront::Function": 1,
    "AWS::S3::Bucket": 2,
    "AWS::S3::BucketPolicy": 2,
    "AWS::ApiGatewayV2::DomainName": 1,
    "AWS::ApiGatewayV2::ApiMapping": 1,
    # Of all functions but workers and timers, which have their own.
    "AWS::IAM::Role": 25,
}
"""What the finished product has beside its functions: sign-in, what an operator looks at, the console's edge, roles.

The 18 roles of November 2026, and one for each of the seven areas to come.
"""

EVERY_OTHER = 2
"""A queue that three roles may enqueue to has a policy of its own, others do not: four of seven had one."""


@rule
def test_the_stack_is_small_enough_for_all_that_is_planned_next() -> Sentences:
    if (count := len(expanded()["Resources"])) >= MOST_NOW:
        yield f"the stack comes to {count} resources ({_kinds(expanded())}); {MOST_NOW} is the limit for now"


@rule
def test_the_stack_has_room_for_every_area_to_come() -> Sentences:
    """If not, the last area cannot be deployed, and nobody knows until then."""
    projected = expand(_with_all_areas())
    count = len(projected["Resources"])
    if count >= MOST_WITH_ALL:
        yield f"with every area the stack comes to {count} resources ({_kinds(projected)}), of {CLOUDFORMATION_TAKES}"


@rule
def test_the_projection_has_the_functions_that_are_planned_and_no_fewer_than_there_are() -> Sentences:
    kinds = Counter(each.kind for each in functions())
    for kind, count in kinds.items():
        if count > FUNCTIONS[kind]:
            yield f"there are {count} functions of the kind {kind}, and {FUNCTIONS[kind]} are planned: plan again"
    projected = Counter(each["Type"] for each in expand(_with_all_areas())["Resources"].values())
    if projected["AWS::Lambda::Function"] != sum(FUNCTIONS.values()):
        yield f"{projected['AWS::Lambda::Function']} functions are projected"


def _with_all_areas() -> dict[str, Any]:
    """Return a copy of the template with what is planned and not there."""
    copied: dict[str, Any] = copy.deepcopy(template())
    made = copied["Resources"]
    there = Counter(each.kind for each in functions())
    for kind, planned in FUNCTIONS.items():
        for number in range(planned - there[kind]):
            made |= _MAKES.get(kind, _other)(f"{kind.capitalize()}{number}", number)
    for kind, planned in RESOURCES.items():
        for number in range(planned - _count(kind)):
            name = f"Planned{kind.rpartition('::')[2]}{number}"
            made[name] = _role() if kind == "AWS::IAM::Role" else {"Type": kind, "Properties": {}}
    return copied


def _count(kind: str) -> int:
    """Count what is there of a kind; of roles, those that are not of workers or timers."""
    own = {f"RoleOf{each.logical_id}" for each in functions() if each.kind in ("worker", "timer")}
    return len(set(of(kind.removeprefix("AWS::"))) - own)


def _other(name: str, _number: int) -> dict[str, Any]:
    return {name: _function(name, "RoleToUseTheDatabase")}


def _endpoint(name: str, _number: int) -> dict[str, Any]:
    return {name: _function(name, "RoleToUseTheDatabase", Http=_route(f"/to-come/{name}"))}


def _worker(name: str, number: int) -> dict[str, Any]:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}, "maxReceiveCount": 30}
    source = {
        "FunctionName": {"Ref": name},
        "EventSourceArn": {"Fn::GetAtt": [f"{name}Queue", "Arn"]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    policy = {f"MayEnqueue{name}s": copy.deepcopy(template()["Resources"]["MayEnqueueChanges"])}
    return {
        **(policy if number % EVERY_OTHER == 0 else {}),
        name: _function(name, f"RoleOf{name}"),
        f"RoleOf{name}": _role(),
        f"{name}Source": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": source},
        f"{name}Queue": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": redrive}},
    }


def _timer(name: str, _number: int) -> dict[str, Any]:
    tick = {
        "Type": "ScheduleV2",
        "Properties": {
            "ScheduleExpression": "rate(1 day)",
            "OmitName": True,
            "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["TimerDeadLetters", "Arn"]}},
            "RoleArn": {"Fn::GetAtt": ["RoleOfSchedules", "Arn"]},
        },
    }
    return {name: _function(name, f"RoleOf{name}", Tick=tick), f"RoleOf{name}": _role()}


_MAKES = {"endpoint": _endpoint, "webhook": _endpoint, "worker": _worker, "timer": _timer}


def _function(name: str, role: str, **events: dict[str, Any]) -> dict[str, Any]:
    properties = {"CodeUri": f"functions/to_come/{name}/", "Role": {"Fn::GetAtt": [role, "Arn"]}}
    return {"Type": "AWS::Serverless::Function", "Properties": {**properties, "Events": events}}


def _route(path: str) -> dict[str, Any]:
    return {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "POST", "Path": path}}


def _role() -> dict[str, Any]:
    role: dict[str, Any] = copy.deepcopy(template()["Resources"]["RoleToUseTheDatabase"])
    assert role["Properties"]["ManagedPolicyArns"] == [{"Ref": HELD_BY_ALL}]
    return role


def _kinds(stack: dict[str, Any]) -> str:
    kinds = Counter(each["Type"].rpartition("::")[2] for each in stack["Resources"].values())
    return ", ".join(f"{kind} {count}" for kind, count in kinds.most_common(8))
