"""The order of an endpoint's steps, and what it passes to its function; the rest is in tests/api."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import BaseModel

from banxway.entrypoints.http import Endpoint, Path, Reply, endpoint, listing, page
from banxway.errors import (
    CorruptEnvelope,
    NotFound,
    OutcomeUnknown,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    RateLimited,
    Unavailable,
    ValidationFailed,
)
from banxway.models.messages.messages import IdempotencyKey
from banxway.models.pages import Page
from tests.support.product.app import invoke
from tests.support.product.events import http_event


class Typed(BaseModel):
    name: str


def ask(app, handler, **options):
    answer = invoke(app, handler, http_event("POST", "/x/1", route="/x/{id}", **options))
    return answer["statusCode"], json.loads(answer["body"])


def test_nobody_is_parsed_for_before_being_let_in(app):
    @endpoint(permission="threads:view", body=Typed)
    def handler(_request, _app):
        raise AssertionError("nobody is signed in")

    status, answered = ask(app, handler, body="{not json")

    assert (status, answered["error"]) == (401, "Authorization header missing")
    assert "database" not in vars(app.infrastructure)


def test_a_public_function_sees_nobody_and_what_it_declared(app):
    seen = []

    @endpoint(public=True, body=Typed, query=Typed, idempotent=True)
    def handler(request, _app):
        seen.append(request)
        return Reply(None)

    ask(
        app,
        handler,
        body='{"name": "body"}',
        query={"name": "query"},
        variables={"id": "1"},
        headers={"Idempotency-Key": "k", "Authorization": "Bearer nonsense"},
    )

    (request,) = seen
    assert request.actor.role == ""
    assert (request.body.name, request.query.name, request.path.text("id")) == ("body", "query", "1")
    assert request.once == IdempotencyKey(key="k", route="POST /x/{id}")


def test_a_key_is_ignored_where_nobody_is_contacted(app):
    @endpoint(public=True)
    def handler(request, _app):
        return Reply(request.once is None)

    assert ask(app, handler, headers={"Idempotency-Key": "k"}) == (200, {"success": True, "data": True})


def test_replies_have_the_keys_that_the_guide_shows(app):
    def answered(reply):
        return ask(app, endpoint(public=True)(lambda _request, _app: reply))

    assert answered(Reply({"a": 1})) == (200, {"success": True, "data": {"a": 1}})
    assert answered(Reply(None, message="Done", status=201)) == (
        201,
        {"success": True, "message": "Done", "data": None},
    )
    assert answered(listing([1, 2])) == (200, {"success": True, "data": [1, 2], "count": 2})
    assert answered(page(Page([1], "next"))) == (
        200,
        {"success": True, "data": [1], "count": 1, "next_cursor": "next"},
    )
    assert answered(page(Page([], None)))[1] == {
        "success": True,
        "data": [],
        "count": 0,
        "next_cursor": None,
    }


def test_a_path_is_read_by_type():
    path = Path({"id": "00000000-0000-0000-0000-000000000001", "type": "b"})

    assert path.uuid("id") == UUID(int=1)
    assert path.choice("type", {"a", "b"}) == "b"
    with pytest.raises(ValidationFailed, match="type must be a UUID"):
        path.uuid("type")
    with pytest.raises(ValidationFailed, match="type must be a or c"):
        path.choice("type", {"c", "a"})


@pytest.mark.parametrize(
    ("seconds", "header"), [(0.2, "1"), (0.5, "1"), (1, "1"), (1.6, "2"), (11.6, "12"), (86_400, "86400")]
)
def test_a_caller_who_must_wait_is_reported_whole_seconds_and_never_none(app, seconds, header):
    """Retry-After: 0 would be an invitation to try again at once, over and over."""

    @endpoint(public=True)
    def handler(_request, _app):
        raise RateLimited("Slowly", retry_after_s=seconds)

    answer = invoke(app, handler, http_event("GET", "/x"))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, header)


@pytest.mark.parametrize("key", ["k", "x" * 255, "a key with blanks", "schlüssel"])
def test_an_idempotency_key_of_any_printable_kind_is_taken(app, key):
    @endpoint(public=True, idempotent=True)
    def handler(request, _app):
        return Reply(request.once.key)

    assert ask(app, handler, headers={"Idempotency-Key": key})[1]["data"] == key


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"], ids=["empty", "longer", "not printable"])
def test_an_idempotency_key_of_another_kind_is_refused(app, key):
    @endpoint(public=True, idempotent=True)
    def handler(_request, _app):
        raise AssertionError("no such key may come in")

    status, answered = ask(app, handler, headers={"Idempotency-Key": key})

    assert (status, answered["details"]) == (422, {"field": "Idempotency-Key"})


# Errors that a handler raises, and their answers; every class of error is in tests/api/test_error_shape.py.

FAILURES = {
    "a mistake of the caller's": (NotFound("Gone", field="id"), 404, None, False),
    "too often": (RateLimited("Slowly", retry_after_s=7), 429, "7", False),
    "broken": (CorruptEnvelope("Broken"), 500, None, True),
    "an answer that proves nothing": (OutcomeUnknown("Lost", provider="x", operation="send"), 502, None, True),
    "down": (Unavailable("Down"), 503, "5", True),
    "busy, and it says until when": (
        ProviderThrottled("Busy", provider="x", operation="send", retry_after_s=9), 503, "9", True
    ),
    "late": (ProviderTimeout("Late", provider="x", operation="ask"), 504, None, True),
}  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "retry_after", "is_logged"), FAILURES.values(), ids=FAILURES.keys()
)
def test_a_failure_has_one_shape_and_only_ours_is_logged(app, capsys, error, status, retry_after, is_logged):
    @endpoint(public=True)
    def handler(_request, _app):
        raise error

    event = http_event("GET", "/x")
    answer = invoke(app, handler, event)

    content = json.loads(answer["body"])
    assert (answer["statusCode"], answer["headers"].get("Retry-After")) == (status, retry_after)
    assert (content["success"], content["error"], content["code"]) == (False, error.message, error.code)
    assert content["request_id"] == event["requestContext"]["requestId"]
    assert (error.message in capsys.readouterr().out) is is_logged


def test_what_a_provider_said_is_reported_where_it_said_anything(app):
    def details(**said):
        @endpoint(public=True)
        def handler(_request, _app):
            raise ProviderRejected("No", provider="exotel", operation="send", **said)

        return ask(app, handler)[1]["details"]

    assert details() == {}
    assert details(provider_status=418, provider_message="Theirs") == {
        "status_code": 418,
        "exotel_error": "Theirs",
    }


def test_a_bug_is_answered_500_and_logged(app, capsys):
    @endpoint(public=True)
    def handler(_request, _app):
        raise KeyError("secret detail")

    status, answered = ask(app, handler)

    assert status == 500
    assert answered.pop("request_id")
    assert answered == {"success": False, "error": "Internal error", "code": "internal_error", "details": {}}
    assert "unexpected failure" in capsys.readouterr().out


def test_a_field_that_breaks_a_rule_is_answered_by_its_name(app):
    @endpoint(public=True, body=Typed)
    def handler(_request, _app):
        raise AssertionError("nothing wrong may come in")

    for body, field in (('{"name": 1}', "name"), ('{"name": "\\u0000"}', "name"), ("{}", "name")):
        status, answered = ask(app, handler, body=body)
        assert (status, answered["code"], answered["details"]) == (422, "validation_failed", {"field": field})


def test_values_are_written_as_json_knows_them(app):
    moment = datetime(2026, 1, 15, 9, 30, 1, 999, tzinfo=UTC)

    @endpoint(public=True)
    def handler(_request, _app):
        return Reply({"id": UUID(int=1), "at": moment, "model": Typed(name="आशा")})

    answer = invoke(app, handler, http_event("GET", "/x"))

    assert json.loads(answer["body"])["data"] == {
        "id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-01-15T09:30:01Z",
        "model": {"name": "आशा"},
    }
    assert "आशा" in answer["body"]


def test_what_json_does_not_know_is_a_bug_of_ours(app):
    @endpoint(public=True)
    def handler(_request, _app):
        return Reply(object())

    assert ask(app, handler)[0] == 500


def test_a_body_may_have_a_megabyte(app):
    @endpoint(public=True, body=Typed)
    def handler(request, _app):
        return Reply(len(request.body.name))

    empty = len(json.dumps({"name": ""}))
    # The limit leaves room for what base64 adds at its end.
    largest = json.dumps({"name": "x" * (1_000_004 - empty)})
    larger = json.dumps({"name": "x" * (1_000_005 - empty)})

    assert ask(app, handler, body=largest) == (200, {"success": True, "data": 1_000_004 - empty})
    assert ask(app, handler, body=larger)[0] == 413


def test_an_endpoint_says_what_it_was_reported_and_keeps_its_functions_name():
    @endpoint(public=True)
    def handler(_request, _app):
        """Do something."""

    assert handler.endpoint == Endpoint(permission=None, longest_body=1_000_000)
    assert (handler.endpoint.idempotent, handler.endpoint.query, handler.endpoint.body) == (False, None, None)
    assert (handler.__name__, handler.__doc__) == ("handler", "Do something.")


def test_nobody_is_nobody_in_particular(app):
    @endpoint(public=True)
    def handler(request, _app):
        return Reply([request.actor.user_id, request.actor.organization_id, request.actor.role])

    nowhere = "00000000-0000-0000-0000-000000000000"
    assert ask(app, handler)[1]["data"] == [nowhere, nowhere, ""]
