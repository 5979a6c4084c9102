"""A request's log lines name its user, its organization and the invocation that served it."""

import json

import pytest

from banxway import errors
from banxway.entrypoints.http import Reply, endpoint
from banxway.errors import Unavailable
from banxway.log import get_logger
from tests.support.product.app import invoke, token
from tests.support.product.events import http_event


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ask(bundle, function, user):
    handler = endpoint(permission="threads:view")(function)
    event = http_event("GET", "/anything", headers={"authorization": f"Bearer {token(user)}"})
    return invoke(bundle.app, handler, event)


def test_a_line_of_an_endpoint_names_user_organization_route_and_invocation(
    shared_bundle, shared_organization, capsys
):
    def handler(_request, _app):
        get_logger().info("looked")
        return Reply(None)

    ask(shared_bundle, handler, shared_organization.agent)

    (line,) = lines_of(capsys)
    assert (line["organization_id"], line["user_id"]) == (
        str(shared_organization.id),
        str(shared_organization.agent),
    )
    assert (line["route"], line["function"]) == ("GET /anything", "TestFunction")
    assert line["request_id"]


def test_a_failure_of_ours_is_logged_with_its_trace_and_the_user(shared_bundle, shared_organization, capsys):
    def handler(_request, _app):
        raise Unavailable("The database does not answer") from OSError("connection refused")

    assert ask(shared_bundle, handler, shared_organization.agent)["statusCode"] == 503

    (line,) = lines_of(capsys)
    assert (line["level"], line["message"], line["code"]) == (
        "ERROR",
        "The database does not answer",
        "unavailable",
    )
    assert "connection refused" in line["exception"]
    assert line["user_id"] == str(shared_organization.agent)


def test_what_nobody_expected_is_logged_with_its_trace(shared_bundle, shared_organization, capsys):
    def handler(_request, _app):
        raise KeyError("a bug")

    assert ask(shared_bundle, handler, shared_organization.agent)["statusCode"] == 500

    (line,) = lines_of(capsys)
    assert (line["level"], line["message"]) == ("ERROR", "unexpected failure")
    assert "KeyError" in line["exception"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_mistake_of_the_callers_is_no_line_of_the_log(shared_bundle, shared_organization, capsys, status):
    kinds = {
        400: errors.BadRequest, 401: errors.NotAuthenticated, 403: errors.NotPermitted, 404: errors.NotFound,
        409: errors.Conflict, 422: errors.ValidationFailed,
    }  # fmt: skip

    def handler(_request, _app):
        raise kinds[status]("Not so")

    assert ask(shared_bundle, handler, shared_organization.agent)["statusCode"] == status
    assert lines_of(capsys) == []


def test_the_next_request_in_the_same_process_is_nobodys_at_first(shared_bundle, shared_organization, capsys):
    ask(shared_bundle, lambda _request, _app: Reply(None), shared_organization.agent)

    @endpoint(public=True)
    def handler(_request, _app):
        get_logger().info("looked")
        return Reply(None)

    invoke(shared_bundle.app, handler, http_event("GET", "/anything"))

    (line,) = lines_of(capsys)
    assert line.keys().isdisjoint({"organization_id", "user_id"})
