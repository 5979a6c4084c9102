"""@timer: the decorator that turns one plain function into the target of a schedule.

    @timer
    def handler(app: App) -> int: ...

A tick only starts the check: rows decide what is due, so late, early and doubled ticks are harmless. The function's
result (counts) is logged.
"""

import functools
from collections.abc import Callable
from typing import Any

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.log import get_logger


class TickFailed(Exception):
    """Raised instead of the error that failed a tick, so that Lambda counts and prints a failure without secrets."""


def timer(function: Callable[[App], Any]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Run on a schedule. An exception fails the invocation, which triggers the alarm on the function's errors."""

    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 -- a tick says nothing
        app = current_app()
        with invocation(app, context, "timer"):
            try:
                found = str(function(app))
            except Exception:  # noqa: BLE001 -- every error is logged here and raised as a failure
                get_logger().exception("tick failed")
                # Lambda prints what a handler raises unchanged, without the log's redaction.
                raise TickFailed("see the log line before this one") from None
            get_logger().info("tick", found=found)
            return {"found": found}

    handler.timer = True  # type: ignore[attr-defined]  # read by the tests
    return handler
