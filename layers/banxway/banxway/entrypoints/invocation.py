"""How every invocation of every kind begins and ends."""

import contextlib
from collections.abc import Iterator
from typing import Any

from banxway.app import App
from banxway.log import bind, clear
from banxway.security import known_secrets


@contextlib.contextmanager
def invocation(app: App, context: Any, kind: str, **about: Any) -> Iterator[None]:
    """Bind the log to this invocation of a function of this kind, and clear its data from the process at the end.

    Open transactions, known secrets and log keys end here. What survives is keyed by organization (data keys) or
    belongs to none (connections).
    """
    bind(function=context.function_name, request_id=context.aws_request_id, **about)
    app.infrastructure.begin_invocation(kind, context)
    try:
        yield
    finally:
        app.end_invocation()
        known_secrets.forget_all()
        clear()
