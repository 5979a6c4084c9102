"""A step of a deployment: CloudFormation is answered in every case."""

import json
import urllib.error

import pytest
from pydantic import BaseModel

from banxway.entrypoints.deployment import deployment
from banxway.errors import ValidationFailed
from banxway.models.fields import RequestBody
from tests.support.product.app import invoke
from tests.support.servers.scripted_http import ScriptedHttp, answer


@pytest.fixture
def cloudformation():
    with ScriptedHttp(answer(200)) as server:
        yield server


def request(server, kind, **more):
    return {
        "RequestType": kind,
        "ResponseURL": f"{server.url}/answer?X-Amz-Signature=abc",
        "StackId": "arn:aws:cloudformation:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "Migration",
        **more,
    }


def answered(server):
    (sent,) = server.requests
    assert sent.method == "PUT"
    assert sent.target == "/answer?X-Amz-Signature=abc"
    # S3 computed the URL's signature without a content type.
    assert sent.headers.get("content-type", "") == ""
    return sent.json


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_success_is_answered(app, cloudformation, kind):
    ran = []

    def step(_app):
        ran.append(kind)
        return {"applied": ["006_integrations.sql"]}

    result = invoke(app, deployment(step), request(cloudformation, kind))

    assert answered(cloudformation) == {
        "Status": "SUCCESS",
        "Reason": "See log stream 2026/01/15/[1]abc",
        "PhysicalResourceId": "banxway-migration",
        "StackId": "arn:aws:cloudformation:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "Migration",
    }
    assert (ran, result) == ([kind], {"applied": ["006_integrations.sql"]})


def test_failure_is_answered_with_its_reason(app, cloudformation, capsys):
    def step(_app):
        raise RuntimeError("migration 007 failed: " + "x" * 2000)

    invoke(app, deployment(step), request(cloudformation, "Update"))

    said = answered(cloudformation)
    assert said["Status"] == "FAILED"
    assert said["Reason"].startswith("RuntimeError: migration 007 failed")
    # CloudFormation accepts 4096 bytes in all.
    assert len(said["Reason"]) == 500
    assert len(json.dumps(said)) < 4096
    assert "deployment step failed" in capsys.readouterr().out


def test_deleting_the_stack_runs_nothing(app, cloudformation):
    def step(_app):
        raise AssertionError("data must stay")

    invoke(app, deployment(step), request(cloudformation, "Delete", PhysicalResourceId="kept"))

    said = answered(cloudformation)
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", "kept")


def test_by_hand_the_result_is_returned(app):
    assert invoke(app, deployment(lambda _app: {"applied": []}), {}) == {"applied": []}


def test_by_hand_a_failure_is_raised(app):
    def step(_app):
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="no database"):
        invoke(app, deployment(step), {})


def test_an_answer_that_cloudformation_refuses_fails_the_invocation(app):
    with (
        ScriptedHttp(answer(403)) as server,
        pytest.raises(urllib.error.HTTPError) as raised,
    ):
        invoke(app, deployment(lambda _app: {}), request(server, "Create"))
    raised.value.close()


def test_a_step_of_a_deployment_is_known_as_one():
    assert deployment(lambda _app: {}).deployment is True


def test_a_handler_keeps_the_name_of_its_function():
    def work(*_given):
        """Do something."""

    assert (deployment(work).__name__, deployment(work).__doc__) == ("work", "Do something.")


# Invoked by a person, with an input.


class Given(RequestBody):
    name: str
    times: int = 1


class Greeting(BaseModel):
    words: str


@deployment(takes=Given)
def greet(given, _app):
    return Greeting(words=f"Hello {given.name}! " * given.times)


def test_what_a_person_gives_is_read_and_what_comes_of_it_is_plain(app):
    assert invoke(app, greet, {"name": "Asha", "times": 2}) == {"words": "Hello Asha! Hello Asha! "}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": 7}, "name"),
        ({"name": "Asha", "times": "2"}, "times"),
        ({"name": "Asha", "nmae": "Asha"}, "nmae"),
        ({"name": "a\0b"}, "name"),
    ],
    ids=str,
)
def test_what_is_not_as_the_function_takes_it_is_refused_by_name(app, given, field):
    with pytest.raises(ValidationFailed) as refusal:
        invoke(app, greet, given)

    assert refusal.value.details["field"] == field


def test_a_custom_resource_does_not_start_what_a_person_must(app, cloudformation):
    with pytest.raises(ValidationFailed, match="Unknown field"):
        invoke(app, greet, request(cloudformation, "Create", name="Asha"))

    assert cloudformation.requests == []


def test_a_function_without_input_is_decorated_without_parentheses():
    with pytest.raises(TypeError, match="without parentheses"):
        deployment()
