"""Alarms in template.yaml: who hears of what failed. There is one for each kind of failure, not for each function.

An alarm of a kind is over the worst of its metrics, so that its threshold is that of a single queue or function.
CloudWatch takes ten metrics in such an alarm: the eleventh begins a second one, such as WorkerErrors2Alarm.
"""

import re
from typing import Any, NamedTuple

import pytest

from tests.support.gates.rules import Sentences, differences, rule, text_of
from tests.support.gates.template_file import functions, of, schedules
from tests.support.gates.tree import ROOT

MOST_METRICS = 10
"""A hard limit of CloudWatch for alarms on metric math. SEARCH, which has none, is not allowed in alarms."""

RING_BY_AGE = {"WebhookQueue", "MessageQueue", "MailQueue", "DeadLetterQueue"}
"""The queues on which people wait; the others are late by design, or noticed by what is missing."""

EVERY_MINUTE = "rate(1 minute)"
OPERATIONS = ROOT / "docs/operations.md"


class Kind(NamedTuple):
    """What the alarms of a kind watch, and from which value on they ring."""

    service: str
    metric: str
    statistic: str
    period_s: int
    most: int


KINDS = {
    "DeadLetters": Kind("SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 60, 0),
    # What its worker takes at once would not be seen by a count of what waits.
    "GivenUp": Kind("SQS", "NumberOfMessagesReceived", "Sum", 300, 0),
    "QueueAge": Kind("SQS", "ApproximateAgeOfOldestMessage", "Maximum", 60, 300),
    # What runs all the time may fail twice in five minutes, since it is tried again at once.
    "WorkerErrors": Kind("Lambda", "Errors", "Sum", 300, 2),
    "TimerErrors": Kind("Lambda", "Errors", "Sum", 300, 0),
}
ACTIONS = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
RINGS = {
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
    "AlarmActions": ACTIONS,
}


@rule
@pytest.mark.parametrize("kind", KINDS)
def test_what_must_not_go_unheard_rings(kind: str) -> Sentences:
    """A queue or function that no alarm watches fails in silence."""
    found = [str(metric.get("Id")) for name in _alarms(kind) for metric in _metrics(name)]
    for name in sorted(_watched(kind)):
        if found.count(_id(name)) != 1:
            yield f"{name} is watched {found.count(_id(name))} times by {kind}Alarm: add it once, as {_id(name)}"
    for each in sorted(set(found) - set(map(_id, _watched(kind)))):
        yield f"{each} is watched by {kind}Alarm, and should not be"


@rule
@pytest.mark.parametrize("kind", KINDS)
def test_an_alarm_watches_what_its_kind_says(kind: str) -> Sentences:
    """Each in full: another metric, dimension, threshold or missing action is an alarm that stays silent."""
    metrics = {_id(name): _metric(KINDS[kind], name) for name in _watched(kind)}
    for name in _alarms(kind):
        wanted = {
            **RINGS,
            "Threshold": KINDS[kind].most,
            "Metrics": [
                {"Id": "most", "Expression": "MAX(METRICS())", "ReturnData": True},
                *(metrics.get(each.get("Id")) for each in _metrics(name)),
            ],
        }
        yield from differences(name, _without_words(name), wanted)


@rule
def test_an_alarm_has_no_more_metrics_than_cloudwatch_takes() -> Sentences:
    for name in of("CloudWatch::Alarm"):
        if len(_metrics(name)) > MOST_METRICS:
            yield f"{name} watches {len(_metrics(name))} metrics: begin another after the first {MOST_METRICS}"


@rule
def test_the_api_rings_when_it_fails() -> Sentences:
    wanted = {
        **RINGS,
        "Namespace": "AWS/ApiGateway",
        "MetricName": "5xx",
        "Dimensions": [{"Name": "ApiId", "Value": {"Ref": "Api"}}],
        "Statistic": "Sum",
        "Period": 300,
        "Threshold": 5,
    }
    yield from differences("ApiErrorsAlarm", _without_words("ApiErrorsAlarm"), wanted)


@rule
def test_every_alarm_is_one_of_those_and_says_what_is_wrong() -> Sentences:
    known = {"ApiErrorsAlarm", *(name for kind in KINDS for name in _alarms(kind))}
    for name, properties in of("CloudWatch::Alarm").items():
        if name not in known:
            yield f"{name} is no alarm of any kind"
        if not str(properties.get("AlarmDescription", "")).endswith("."):
            yield f"{name} does not say in a sentence what is wrong"


@rule
def test_operations_says_what_to_do_about_every_metric_of_an_alarm() -> Sentences:
    """An alarm of a kind says only that something rings; the table says what each of its metrics means."""
    table = text_of(OPERATIONS).partition("## When an alarm rings")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| ")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    watched = {name for kind in KINDS for name in _watched(kind)}
    wanted = {*of("CloudWatch::Alarm"), *watched}
    for name in sorted(wanted - listed):
        yield f'{name} has no row under "When an alarm rings" in docs/operations.md'
    for name in sorted(listed - wanted):
        yield f"{name} has a row in docs/operations.md, and no alarm watches it"


def _alarms(kind: str) -> list[str]:
    return [name for name in of("CloudWatch::Alarm") if re.fullmatch(rf"{kind}\d*Alarm", name)]


def _metrics(name: str) -> list[dict[str, Any]]:
    """Return what an alarm of a kind watches, without the expression over all of it."""
    found: list[dict[str, Any]] = of("CloudWatch::Alarm")[name].get("Metrics", [])
    return [each for each in found if "Expression" not in each]


def _watched(kind: str) -> set[str]:
    """Return the queues or functions that the alarms of a kind should watch."""
    if kind == "DeadLetters":
        return {"TimerDeadLetters"}
    if kind == "GivenUp":
        return {"DeadLetterQueue"}
    if kind == "QueueAge":
        return RING_BY_AGE
    running = {each.logical_id: each.kind for each in functions() if each.kind in ("worker", "timer")}
    is_often = {name: found == "worker" or _runs_every_minute(name) for name, found in running.items()}
    return {name for name, often in is_often.items() if often == (kind == "WorkerErrors")}


def _metric(kind: Kind, name: str) -> dict[str, Any]:
    of_queue = {"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}
    of_function = {"Name": "FunctionName", "Value": {"Ref": name}}
    return {
        "Id": _id(name),
        "ReturnData": False,
        "MetricStat": {
            "Metric": {
                "Namespace": f"AWS/{kind.service}",
                "MetricName": kind.metric,
                "Dimensions": [of_queue if kind.service == "SQS" else of_function],
            },
            "Period": kind.period_s,
            "Stat": kind.statistic,
        },
    }


def _id(name: str) -> str:
    """Return a metric's id in an alarm: CloudWatch wants it to begin with a small letter."""
    return name[0].lower() + name[1:]


def _without_words(name: str) -> dict[str, Any]:
    properties = of("CloudWatch::Alarm").get(name, {})
    return {key: value for key, value in properties.items() if key != "AlarmDescription"}


def _runs_every_minute(name: str) -> bool:
    return any(each.get("ScheduleExpression") == EVERY_MINUTE for each in schedules(name))
