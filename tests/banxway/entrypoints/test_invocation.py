"""An invocation leaves nothing behind in a warm process (threat 6)."""

import contextlib
import json

import pytest

from banxway.entrypoints import deployment, http, socket, timer, webhook, worker
from banxway.entrypoints.invocation import invocation
from banxway.log import bind, get_logger
from banxway.models.queue_items import MessageDue
from banxway.security import known_secrets
from tests.support.product.app import invoke
from tests.support.product.events import context


class CountingDatabase:
    """Stands in for a connection."""

    released = 0

    def release(self):
        self.released += 1


def test_log_lines_carry_the_invocation_and_not_the_one_before(app, capsys):
    first, second = context("First"), context("Second")

    with invocation(app, first, "endpoint", route="GET /a"):
        bind(organization_id="one")
        get_logger().info("in the first")
    with invocation(app, second, "worker"):
        get_logger().info("in the second")

    one, two = map(json.loads, capsys.readouterr().out.splitlines())
    assert (one["function"], one["request_id"], one["route"], one["organization_id"]) == (
        "First",
        first.aws_request_id,
        "GET /a",
        "one",
    )
    assert (two["function"], two["request_id"]) == ("Second", second.aws_request_id)
    assert two.keys().isdisjoint({"route", "organization_id"})


def test_secrets_are_forgotten_and_transactions_ended_whatever_happens(app):
    app.infrastructure.database = CountingDatabase()

    with pytest.raises(RuntimeError), invocation(app, context(), "worker"):
        known_secrets.remember("a secret of one organization")
        raise RuntimeError("a bug")

    assert known_secrets.masked("a secret of one organization") == "a secret of one organization"
    assert app.infrastructure.database.released == 1


def test_a_database_that_nobody_asked_for_is_not_made(app):
    with invocation(app, context(), "webhook"):
        pass

    assert "database" not in vars(app.infrastructure)


@pytest.mark.parametrize("kind", ["endpoint", "webhook", "worker", "timer", "socket", "deployment"])
def test_each_decorator_names_its_kind(app, monkeypatch, kind):
    """The kind decides how long the database may take."""
    handlers = {
        "endpoint": http.endpoint(public=True),
        "webhook": webhook.webhook(kind="whatsapp"),
        "worker": worker.worker(item=MessageDue),
        "timer": timer.timer,
        "socket": socket.socket,
        "deployment": deployment.deployment,
    }
    seen = []
    monkeypatch.setattr(app.infrastructure, "begin_invocation", lambda kind, _context: seen.append(kind))
    event = {
        "Records": [
            {
                "messageId": "1",
                "body": "{}",
                "receiptHandle": "r",
                "attributes": {"ApproximateReceiveCount": "1"},
            }
        ],
        "requestContext": {"connectionId": "c", "routeKey": "$connect"},
    }

    with contextlib.suppress(Exception):
        invoke(app, handlers[kind](lambda *_given: None), event)

    assert seen == [kind]
