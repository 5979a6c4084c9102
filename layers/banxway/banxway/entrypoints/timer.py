"""@timer: what turns one plain function into the target of a schedule.

    @timer
    def handler(app: App) -> int: ...

A tick is only a reason to look: what is due is decided by rows, so that late, early and doubled ticks are
harmless. What it returns (counts) is logged.
"""

import functools
from collections.abc import Callable
from typing import Any

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.log import get_logger


class TickFailed(Exception):
    """Raised in place of whatever failed a tick, so that Lambda counts and prints a failure without secrets."""


def timer(function: Callable[[App], Any]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Run on a schedule. An exception fails the invocation, and the alarm on its errors rings."""

    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 -- a tick says nothing
        app = current_app()
        with invocation(app, context):
            try:
                found = str(function(app))
            except Exception:  # noqa: BLE001 -- whatever it is, it is logged here and raised as a failure
                get_logger().exception("tick failed")
                # Lambda prints what escapes a handler as it is, past the log's redaction.
                raise TickFailed("see the log line before this one") from None
            get_logger().info("tick", found=found)
            return {"found": found}

    handler.timer = True  # type: ignore[attr-defined]  # read by the tests
    return handler
