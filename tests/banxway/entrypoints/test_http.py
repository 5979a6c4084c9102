"""The order in which an endpoint does things, and what it hands to a function; the rest is in tests/api."""

import json
from uuid import UUID

import pytest
from pydantic import BaseModel

from banxway.entrypoints.http import Path, Reply, endpoint, listing, page
from banxway.errors import RateLimited, ValidationFailed
from banxway.models.messages import Once
from banxway.models.pages import Page
from tests.support.app import invoke
from tests.support.events import http_event


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
    assert "database" not in app.__dict__


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
    assert request.once == Once(key="k", route="POST /x/{id}")


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
    with pytest.raises(ValidationFailed, match="type must be one of a, c"):
        path.choice("type", {"c", "a"})


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.2, "1"), (0.5, "1"), (1, "1"), (1.6, "2"), (11.6, "12"), (86_400, "86400")]
)
def test_a_caller_who_must_wait_is_told_whole_seconds_and_never_none(app, seconds, told):
    """Retry-After: 0 would be an invitation to try again at once, over and over."""

    @endpoint(public=True)
    def handler(_request, _app):
        raise RateLimited("Slowly", retry_after_s=seconds)

    answer = invoke(app, handler, http_event("GET", "/x"))

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, told)


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
