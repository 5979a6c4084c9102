"""A step of a deployment: CloudFormation is answered in every case."""

import json
import urllib.error

import pytest

from banxway.entrypoints.deployment import deployment
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
