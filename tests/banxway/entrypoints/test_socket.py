"""A route of the WebSocket API."""

import json

import pytest

from banxway import errors
from banxway.entrypoints.socket import Connection, socket
from tests.support.product.app import invoke
from tests.support.product.events import socket_event


def test_the_function_learns_who_connects_and_with_what(app):
    seen = []
    event = socket_event("$connect", "c-1", query={"ticket": "t"}) | {"headers": {"Origin": "https://a.test"}}

    answer = invoke(app, socket(lambda connection, _app: seen.append(connection)), event)

    assert answer == {"statusCode": 200}
    assert seen == [Connection(id="c-1", ticket="t", origin="https://a.test")]


def test_what_an_event_lacks_is_none(app):
    seen = []

    invoke(app, socket(lambda connection, _app: seen.append(connection)), socket_event("$disconnect", "c-1"))

    assert seen == [Connection(id="c-1", ticket=None, origin=None)]


@pytest.mark.parametrize(
    "error",
    [errors.NotAuthenticated("No ticket"), errors.NotPermitted("Not from here"), errors.Unavailable("Down")],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_has_the_errors_status_and_sentence(app, error):
    def refuse(_connection, _app):
        raise error

    answer = invoke(app, socket(refuse), socket_event("$connect", "c-1"))

    assert answer == {"statusCode": error.status, "body": error.message}


def test_a_bug_lets_nobody_in(app):
    def fail(_connection, _app):
        raise KeyError("ticket")

    with pytest.raises(KeyError):
        invoke(app, socket(fail), socket_event("$connect", "c-1"))


def test_a_refusal_is_logged_with_its_reason_and_without_the_ticket(app, capsys):
    def refuse(connection, _app):
        raise errors.NotAuthenticated(f"ticket={connection.ticket} was used before")

    invoke(app, socket(refuse), socket_event("$connect", "c-1", query={"ticket": "one-time-secret"}))

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["message"], line["reason"]) == ("connection refused", "ticket=*** was used before")
    assert line["route"] == "$connect"
    assert "one-time-secret" not in json.dumps(line)


def test_a_header_is_found_however_it_is_spelled(app):
    """API Gateway passes a WebSocket's headers on as the client spelled them."""
    seen = []
    for name in ("origin", "Origin", "ORIGIN"):
        event = socket_event("$connect", "c-1") | {"headers": {name: "https://a.test"}}
        invoke(app, socket(lambda connection, _app: seen.append(connection.origin)), event)

    assert seen == ["https://a.test"] * 3


def test_a_route_is_known_as_a_sockets():
    assert socket(lambda _connection, _app: None).socket is True


def test_a_handler_keeps_the_name_of_its_function():
    def work(*_given):
        """Do something."""

    assert (socket(work).__name__, socket(work).__doc__) == ("work", "Do something.")
