"""How every invocation of every kind begins and ends."""

import contextlib
from collections.abc import Iterator
from typing import Any

from banxway.app import App
from banxway.log import bind, clear
from banxway.security import known_secrets


@contextlib.contextmanager
def invocation(app: App, context: Any, **about: Any) -> Iterator[None]:
    """Bind the log to this invocation, and clear its data from the warm process at the end.

    Open transactions, known secrets and log keys end here. What survives is keyed by organization (data keys) or
    belongs to none (connections).
    """
    app.infrastructure.remaining_s = lambda: context.get_remaining_time_in_millis() / 1000
    bind(function=context.function_name, request_id=context.aws_request_id, **about)
    try:
        yield
    finally:
        app.end_invocation()
        known_secrets.forget_all()
        clear()
