"""The target of a schedule."""

import json

import pytest

from banxway.entrypoints.timer import TickFailed, timer
from tests.support.product.app import invoke
from tests.support.product.events import tick


def test_what_was_found_is_returned_and_logged(app, capsys):
    answer = invoke(app, timer(lambda _app: 3), tick())

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert answer == {"found": "3"}
    assert (line["message"], line["found"]) == ("tick", "3")


def test_a_failure_fails_the_invocation_so_that_the_alarm_rings(app, capsys):
    def look(_app):
        raise RuntimeError("password=hunter2 is wrong")

    with pytest.raises(TickFailed) as raised:
        invoke(app, timer(look), tick())

    # Lambda prints what a handler raises, unmasked; so the reason is only in the log, masked.
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    logged = capsys.readouterr().out
    assert "tick failed" in logged
    assert "hunter2" not in logged


def test_the_function_is_handed_the_processs_app(app):
    seen = []

    invoke(app, timer(seen.append), tick())

    assert seen == [app]


def test_a_schedules_target_is_known_as_one():
    assert timer(lambda _app: 0).timer is True


def test_a_handler_keeps_the_name_of_its_function():
    def work(*_given):
        """Do something."""

    assert (timer(work).__name__, timer(work).__doc__) == ("work", "Do something.")
