"""What every invocation of every kind begins and ends with."""

import contextlib
from collections.abc import Iterator
from typing import Any

from banxway.app import App
from banxway.log import bind, clear
from banxway.security import known_secrets


@contextlib.contextmanager
def invocation(app: App, context: Any, **about: Any) -> Iterator[None]:
    """Bind the log to this invocation, and leave nothing of it behind in the warm process.

    What survives is keyed by organization (data keys) or belongs to none (connections); open transactions,
    known secrets and log keys end here.
    """
    bind(function=context.function_name, request_id=context.aws_request_id, **about)
    try:
        yield
    finally:
        app.end_invocation()
        known_secrets.forget_all()
        clear()
